/// What one turn leaves in the traces, of the real session, runner, model and memory.

#include "client.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;

struct traced_stage {
  explicit traced_stage(cast_options options = {}) : stage(std::move(options)) {
    stage.node.services().traces = &traces;
    traces.start_export(1000, 1000, [] {});
    luna = std::make_unique<client>(stage, "0123456789abcdef");
    if (!luna->come()) throw std::runtime_error("cannot attach");
  }
  ~traced_stage() { stage.node.services().traces = nullptr; }  // which end before the actors

  /// As a connection does it.
  void begin(std::uint64_t turn) {
    traces.begin({turn, {1, turn, 0, true}, luna->spec.id, "client-1", "luna", luna->spec.principal, 7});
  }
  void submit(turn_submit message) {
    begin(message.ref.turn);
    luna->submit(std::move(message));
    stage.node.run();
  }
  void submit(std::uint64_t turn) { submit(client::message(turn, "Hello?")); }

  /// Turns that ended since the last look.
  std::vector<turn_record> ended() { return traces.take_finished(100); }
  turn_record only() {
    auto found = ended();
    REQUIRE(found.size() == 1);
    return found[0];
  }
  /// By role, so that who noted it is seen.
  texts spans(const turn_record& record) {
    texts out;
    for (auto& span : record.spans) {
      CHECK(span.end >= span.start);
      std::string name = to_string(span.kind);
      if (span.name != 0) name += " " + std::string(record.name_of(span));
      if (span.error != nullptr) name += std::string(" (") + span.error + ")";
      out.push_back(name);
    }
    return out;
  }
  std::uint64_t number(const caf::actor& of) { return of.id(); }

  cast stage;
  turn_traces traces{stage.node.clock(), {}};
  std::unique_ptr<client> luna;
};

const turn_span& span(const turn_record& record, span_kind kind) {
  for (auto& each : record.spans)
    if (each.kind == kind) return each;
  throw std::runtime_error(std::string("no span ") + to_string(kind));
}

std::int64_t value(const turn_span& of, span_value what) {
  for (std::uint8_t i = 0; i < of.values; ++i)
    if (of.value[i].what == what) return of.value[i].value;
  return -1;
}

}  // namespace

TEST_CASE("a turn leaves a span for each thing it waits for, in order, by the actor that did it") {
  traced_stage t({.with_memory = false});
  t.stage.script->next = {{.deltas = {"Good", " day."}, .held = true}};
  t.submit(9);
  t.stage.node.advance(20ms);
  t.stage.script->release(1);
  t.stage.node.run();
  t.stage.node.advance(5ms);
  t.stage.script->release(2);
  t.stage.node.run();
  const auto record = t.only();
  CHECK(t.spans(record) == texts{"queued", "journal user event", "model call", "first delta", "journal reply"});
  CHECK(record.outcome == event_kind::reply);
  CHECK(record.bytes == 9);
  CHECK(record.session == "01234567");
  CHECK(record.model == "scripted");
  CHECK(record.session_actor == t.number(t.luna->session));
  CHECK(record.runner != 0);
  CHECK(record.runner != record.session_actor);
  CHECK(span(record, span_kind::queued).actor == record.session_actor);
  const auto& call = span(record, span_kind::model_call);
  CHECK(call.actor == t.number(t.stage.model));
  CHECK(call.end - call.start == 25'000'000);
  CHECK(value(call, span_value::attempts) == 1);
  CHECK(span(record, span_kind::first_delta).end - call.start == 20'000'000);
  CHECK(record.first_delta - record.started == 20'000'000);
  CHECK(record.ended - record.started == 25'000'000);
}

TEST_CASE("recall, the lists of tools, calls of tools and what memory learns are spans too") {
  recorder* source = nullptr;
  cast_options options;
  options.session = [&](session_deps& deps) {
    if (source) deps.tools = {source->handle()};
  };
  traced_stage t(std::move(options));
  recorder tools = t.stage.node.record();
  source = &tools;
  tools.on<tools_query>([](const tools_query&) {
    return tools_listed{{{"look_up", "Looks something up", R"({"type":"object"})"}}};
  });
  t.luna = std::make_unique<client>(t.stage, "fedcba9876543210");
  REQUIRE(t.luna->come());
  t.stage.script->next = {{.deltas = {}, .calls = {{"a", "look_up", "{}", {}}, {"b", "look_up", R"({"x":1})", {}}}},
                          {.deltas = {"Tea."}}};
  t.submit({turn_ref{9, 9, 0}, "Hello?", "Hello?", "I like tea.", turn_policy::queue});
  t.stage.node.advance(3ms);
  tools.answer_first<tool_start>(tool_result{"a", "look_up", "a drink", false});
  t.stage.node.run();
  t.stage.node.advance(4ms);
  tools.answer_first<tool_start>(tool_result{"b", "look_up", "no such thing", true});
  t.stage.node.run();
  const auto record = t.only();
  CHECK(t.spans(record)
        == texts{"queued", "journal user event", "tools", "recall", "model call", "first delta", "tool look_up",
                 "tool look_up (tool_error)", "model call", "first delta", "journal reply", "learn"});
  CHECK(record.tool_calls == 2);
  const auto& first = record.spans[6];
  const auto& second = record.spans[7];
  CHECK(first.actor == t.number(tools.handle()));
  CHECK(first.end - first.start == 3'000'000);
  CHECK(second.end - second.start == 7'000'000);
  CHECK(value(first, span_value::bytes) == 7);
  CHECK(value(span(record, span_kind::recall), span_value::hits) == 0);
  CHECK(span(record, span_kind::tools).actor == record.runner);
  CHECK(span(record, span_kind::learn).actor == t.number(t.stage.find("memory")));
  // What it has learnt is found in the next.
  t.submit({turn_ref{10, 10, 0}, "What do I like?", "I like tea", {}, turn_policy::queue});
  CHECK(value(span(t.only(), span_kind::recall), span_value::hits) == 1);
}

TEST_CASE("memory or a tool source that does not answer is waited for until its time is over") {
  recorder* source = nullptr;
  cast_options options;
  options.with_memory = false;
  options.session = [&](session_deps& deps) {
    if (source) deps.tools = {source->handle()};
  };
  traced_stage t(std::move(options));
  recorder tools = t.stage.node.record();
  source = &tools;
  t.luna = std::make_unique<client>(t.stage, "fedcba9876543210");
  REQUIRE(t.luna->come());
  t.submit(9);
  t.stage.node.advance(2s);
  const auto record = t.only();
  CHECK(t.spans(record)
        == texts{"queued", "journal user event", "tools", "model call", "first delta", "journal reply"});
  const auto& asked = span(record, span_kind::tools);
  CHECK(asked.end - asked.start == 2'000'000'000);
}

TEST_CASE("a turn that fails says what kind of failure it was, not in which words, and how often it was tried") {
  traced_stage t({.with_memory = false});
  const failure down{failure_kind::overload, "the secret of the upstream"};
  t.stage.script->next = {{.deltas = {}, .error = down}, {.deltas = {}, .error = down}, {.deltas = {}, .error = down}};
  t.submit(9);
  t.stage.node.advance(10s);
  const auto record = t.only();
  CHECK(t.spans(record) == texts{"queued", "journal user event", "model call (overload)", "journal reply"});
  CHECK(record.outcome == event_kind::failed);
  CHECK(std::string(record.error) == "overload");
  CHECK(value(span(record, span_kind::model_call), span_value::attempts) == 3);
  CHECK(t.traces.totals().failed == 1);
  CHECK(t.traces.one_json(9)->find("secret") == std::string::npos);
}

TEST_CASE("a turn that is stopped ends its model call there and then") {
  traced_stage t({.with_memory = false});
  t.stage.script->usual = {.deltas = {"Well"}, .ends = false};
  t.submit(9);
  t.stage.node.advance(7ms);
  t.stage.written.hold = true;  // the end takes a while
  t.luna->stop(9);
  t.stage.node.run();
  t.stage.node.advance(5ms);
  t.stage.written.hold = false;
  t.stage.written.answer(t.stage.written.batches.size() - 1);
  t.stage.node.run();
  const auto record = t.only();
  CHECK(t.spans(record)
        == texts{"queued", "journal user event", "model call (cancelled)", "first delta", "journal reply"});
  CHECK(record.outcome == event_kind::cancelled);
  CHECK(std::string(record.error).empty());
  const auto& call = span(record, span_kind::model_call);
  CHECK(call.end - call.start == 7'000'000);
  const auto& saved = span(record, span_kind::journal_reply);
  CHECK(saved.end - saved.start == 5'000'000);
}

TEST_CASE("turns that wait are queued, and end there when they are stopped or refused") {
  cast_options options;
  options.with_memory = false;
  options.session = [](session_deps& deps) { deps.max_queued = 2; };
  traced_stage t(std::move(options));
  t.stage.script->usual = {.held = true};
  t.submit(1);
  t.submit(2);
  t.submit(3);
  t.submit(4);  // one too many
  auto refused = t.only();
  CHECK(refused.turn == 4);
  CHECK(refused.outcome == event_kind::failed);
  CHECK(std::string(refused.error) == "busy");
  CHECK(t.spans(refused) == texts{"queued"});
  CHECK(t.traces.find(3)->session_actor == t.number(t.luna->session));
  t.stage.node.advance(30ms);
  t.luna->stop(3);
  t.stage.node.run();
  const auto stopped = t.only();
  CHECK(stopped.turn == 3);
  CHECK(stopped.outcome == event_kind::cancelled);
  CHECK(stopped.ended - stopped.started == 30'000'000);
  t.stage.script->release(4);
  t.stage.node.run();
  CHECK(t.only().turn == 1);
  t.stage.script->release(4);
  t.stage.node.run();
  const auto second = t.only();
  const auto& queued = span(second, span_kind::queued);
  CHECK(queued.end - queued.start == 30'000'000);
  // One whose stop came first.
  t.luna->stop(5);
  t.stage.node.run();
  t.submit(5);
  CHECK(t.only().outcome == event_kind::cancelled);
  CHECK(t.traces.totals().in_flight == 0);
}

TEST_CASE("whatever becomes of the conversation, no turn stays in flight in the traces") {
  SECTION("its client goes") {
    traced_stage t({.with_memory = false});
    t.luna = std::make_unique<client>(t.stage, "ephemeral", session_retention::ephemeral);
    REQUIRE(t.luna->come());
    t.stage.script->usual = {.held = true};
    t.submit(1);
    t.submit(2);
    t.luna->leave(true);
    t.stage.node.run();
    for (auto& each : t.ended()) CHECK(each.outcome == event_kind::cancelled);
    CHECK(t.traces.totals().finished == 2);
    CHECK(t.traces.totals().in_flight == 0);
  }
  SECTION("its session is restarted") {
    traced_stage t({.with_memory = false});
    t.stage.script->usual = {.held = true};
    t.submit(1);
    t.submit(2);
    t.stage.restart(t.luna->session);
    t.stage.node.run();
    for (auto& each : t.ended()) CHECK(std::string(each.error) == "internal");
    CHECK(t.traces.totals().failed == 2);
    CHECK(t.traces.totals().in_flight == 0);
  }
  SECTION("its session is killed") {
    traced_stage t({.with_memory = false});
    t.stage.script->usual = {.held = true};
    t.submit(1);
    t.stage.node.kill(t.luna->session);
    CHECK(t.traces.totals().in_flight == 0);
  }
  SECTION("its agent fails") {
    traced_stage t({.with_memory = false});
    t.stage.script->usual = {.held = true};
    t.submit(1);
    t.stage.node.kill(t.stage.find("runner"));
    CHECK(std::string(t.only().error) == "internal");
  }
  SECTION("the store takes no writes") {
    traced_stage t({.with_memory = false});
    t.stage.written.error = {failure_kind::unavailable, "disk"};
    for (std::uint64_t turn : {1, 2}) {
      t.begin(turn);
      t.luna->submit(turn, "Hello?");
    }
    t.stage.node.run();
    CHECK(t.traces.totals().in_flight == 0);
    CHECK(t.traces.totals().failed == 2);
  }
}

TEST_CASE("the model is given the traceparent of its call, a new one for each round") {
  recorder* source = nullptr;
  cast_options options;
  options.with_memory = false;
  options.session = [&](session_deps& deps) {
    if (source) deps.tools = {source->handle()};
  };
  traced_stage t(std::move(options));
  recorder tools = t.stage.node.record();
  source = &tools;
  tools.on<tools_query>([](const tools_query&) {
    return tools_listed{{{"look_up", "Looks something up", R"({"type":"object"})"}}};
  });
  tools.on<tool_start>([](const tool_start& start) { return tool_result{start.call.id, "look_up", "x", false}; });
  t.luna = std::make_unique<client>(t.stage, "fedcba9876543210");
  REQUIRE(t.luna->come());
  t.stage.script->next = {{.deltas = {}, .calls = {{"a", "look_up", "{}", {}}}}, {}};
  t.submit(9);
  REQUIRE(t.stage.script->calls.size() == 2);
  std::vector<std::uint64_t> parents;
  for (auto& call : t.stage.script->calls) {
    const auto context = parse_traceparent(call->request.traceparent);
    REQUIRE(context);
    CHECK(context->high == 1);
    CHECK(context->low == 9);
    parents.push_back(context->parent);
  }
  const auto record = t.only();
  std::vector<std::uint64_t> calls;
  for (std::size_t i = 0; i < record.spans.size(); ++i)
    if (record.spans[i].kind == span_kind::model_call) calls.push_back(span_id(9, i + 1));
  CHECK(parents == calls);
}

TEST_CASE("a node that keeps no traces works as before") {
  cast stage;
  client luna(stage, "s");
  REQUIRE(luna.come());
  luna.submit(1, "Hello?");
  stage.node.run();
  CHECK(luna.ends(1).size() == 1);
  CHECK(stage.script->calls.at(0)->request.traceparent.empty());
}
