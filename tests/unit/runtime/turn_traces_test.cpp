#include "runtime/inspection/turn_traces.hpp"

#include "support/catch.hpp"
#include "support/test_ports.hpp"

#include <simdjson.h>

#include <map>
#include <thread>

using namespace troupe;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t ms = 1'000'000;

/// Parsed, and kept as long as it is looked at.
struct json {
  explicit json(std::string from) : text(std::move(from)) {
    const auto error = parser.parse(text).get(root);
    INFO(text);
    REQUIRE(error == simdjson::SUCCESS);
  }
  std::string_view text_of(const char* pointer) { return root.at_pointer(pointer).get_string(); }
  std::int64_t number_of(const char* pointer) { return root.at_pointer(pointer).get_int64(); }
  double real_of(const char* pointer) { return root.at_pointer(pointer).get_double(); }
  bool is_true(const char* pointer) { return root.at_pointer(pointer).get_bool(); }
  bool is_null(const char* pointer) { return root.at_pointer(pointer).is_null(); }
  std::size_t size_of(const char* pointer) { return root.at_pointer(pointer).get_array().size(); }
  std::vector<std::string> each(const char* list, const char* member) {
    std::vector<std::string> out;
    for (auto item : root.at_pointer(list).get_array()) {
      std::string_view value = item[member];
      out.emplace_back(value);
    }
    return out;
  }

  std::string text;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
};

struct stage {
  explicit stage(turn_traces_options options = {}) : traces(clock, options) {}

  void begin(std::uint64_t turn, std::string_view client = "c1", std::string_view session = "0123456789abcdef") {
    REQUIRE(traces.begin({turn, {1, turn, 0, true}, session, client, "luna", "local", 7}));
  }
  void pass(std::int64_t ns) { clock.move(ns); }
  void whole(std::uint64_t turn, std::int64_t lasts = ms, event_kind kind = event_kind::reply) {
    begin(turn);
    pass(lasts);
    traces.end(turn, kind, kind == event_kind::failed ? failure_kind::timeout : failure_kind::none, 10);
  }
  json list(turn_filter filter = {}) { return json(traces.list_json(filter)); }
  json one(std::uint64_t turn) {
    auto text = traces.one_json(turn);
    REQUIRE(text);
    return json(*text);
  }

  test_clock clock;
  turn_traces traces;
};

const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

}  // namespace

TEST_CASE("a traceparent is taken as W3C Trace Context says, and anything else counts as none") {
  const auto good = parse_traceparent(parent);
  REQUIRE(good);
  CHECK(*good == trace_context{0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0x00f067aa0ba902b7, true});
  CHECK(format_traceparent(*good, 0x00f067aa0ba902b7) == parent);
  const auto with = [](std::size_t at, std::string_view text) {
    auto changed = parent;
    return changed.replace(at, text.size(), text);
  };
  CHECK_FALSE(parse_traceparent(with(53, "00"))->sampled);
  CHECK_FALSE(parse_traceparent(with(53, "02"))->sampled);
  CHECK(parse_traceparent(with(53, "ff"))->sampled);
  CHECK(parse_traceparent(with(0, "01")));
  CHECK(parse_traceparent(with(0, "cc") + "-what-the-future-will-be"));
  CHECK(parse_traceparent(with(3, "0000000000000000"))->high == 0);
  const std::vector<std::string> none{
      "",
      "00",
      with(0, "ff"),
      with(0, "0g"),
      with(2, "_"),
      with(35, " "),
      with(52, "_"),
      with(3, "4BF9"),
      with(3, "4bg9"),
      with(3, "00000000000000000000000000000000"),
      with(36, "0000000000000000"),
      with(36, "00F0"),
      with(53, "0x"),
      parent + "-more",
      parent + "0",
      with(0, "01") + "0",
      parent.substr(0, 54),
      " " + parent,
  };
  for (auto& text : none) {
    INFO(text);
    CHECK_FALSE(parse_traceparent(text));
  }
}

TEST_CASE("ids of spans differ within a turn and between turns, and a turn's are the same each time") {
  std::map<std::uint64_t, int> seen;
  for (std::uint64_t turn = 1; turn <= 50; ++turn)
    for (std::uint64_t number = 0; number < 257; ++number) ++seen[span_id(turn, number)];
  CHECK(seen.size() == 50 * 257);
  CHECK(seen.count(0) == 0);
  CHECK(span_id(9, 3) == span_id(9, 3));
}

TEST_CASE("a turn in flight shows what is over and what is not") {
  stage s;
  s.begin(0x9f);
  s.pass(2 * ms);
  s.traces.at_session(0x9f, 17);
  s.traces.close(0x9f, span_kind::queued);
  s.traces.at_runner(0x9f, 43);
  s.traces.open(0x9f, span_kind::model_call, 12, 0, "gemini:flash");
  s.pass(ms / 2);
  auto turn = s.one(0x9f);
  CHECK(turn.text_of("/turn") == "000000000000009f");
  CHECK(turn.text_of("/trace") == "0000000000000001000000000000009f");
  CHECK(turn.text_of("/session") == "01234567");
  CHECK(turn.text_of("/client") == "c1");
  CHECK(turn.text_of("/dialect") == "luna");
  CHECK(turn.text_of("/principal") == "local");
  CHECK(turn.text_of("/model") == "gemini:flash");
  CHECK(turn.text_of("/state") == "in_flight");
  CHECK(turn.text_of("/outcome") == "");
  CHECK(turn.text_of("/runner") == "43");
  CHECK(turn.text_of("/session_actor") == "17");
  CHECK(turn.number_of("/started_at") == s.clock.wall_ms() - 2);
  CHECK(turn.real_of("/duration_ms") == 2.5);
  CHECK(turn.is_null("/first_delta_ms"));
  CHECK(turn.each("/spans", "name") == std::vector<std::string>{"turn", "queued", "model call"});
  CHECK(turn.each("/spans", "actor") == std::vector<std::string>{"7", "17", "12"});
  CHECK(turn.is_null("/spans/0/duration_us"));
  CHECK(turn.number_of("/spans/1/duration_us") == 2000);
  CHECK(turn.number_of("/spans/2/start_us") == 2000);
  CHECK(turn.is_null("/spans/2/duration_us"));
  const auto found = s.traces.find(0x9f);
  REQUIRE(found);
  CHECK((found->in_flight && found->session_actor == 17 && found->runner == 43 && found->client == "c1"));
}

TEST_CASE("a turn that has ended has all its numbers, and closes what was open") {
  stage s;
  s.begin(5);
  s.traces.close(5, span_kind::queued);
  s.traces.open(5, span_kind::model_call, 12, 0, "openai:gpt");
  s.pass(3 * ms);
  s.traces.open(5, span_kind::first_delta, 12);
  s.traces.first_delta(5);
  s.pass(ms);
  s.traces.first_delta(5);  // the second piece
  s.traces.close(5, span_kind::model_call, 0,
                 {{span_value::tokens_in, 10}, {span_value::tokens_out, 3}, {span_value::attempts, 2}});
  const auto key = span_key("call-1");
  s.traces.open(5, span_kind::tool, 20, key, "look \"up\"");
  s.pass(ms);
  s.traces.close(5, span_kind::tool, key, {{span_value::bytes, 99}}, "tool_error");
  s.traces.open(5, span_kind::journal_reply, 17);
  s.pass(ms);
  s.traces.end(5, event_kind::reply, failure_kind::none, 120);
  s.pass(50 * ms);
  s.traces.end(5, event_kind::failed, failure_kind::timeout, 1);  // only the first counts
  s.traces.close(5, span_kind::journal_reply);
  s.traces.open(5, span_kind::model_call, 12, 0, "other");
  auto turn = s.one(5);
  CHECK(turn.text_of("/state") == "done");
  CHECK(turn.text_of("/outcome") == "reply");
  CHECK(turn.text_of("/error") == "");
  CHECK(turn.real_of("/duration_ms") == 6);
  CHECK(turn.real_of("/first_delta_ms") == 3);
  CHECK(turn.number_of("/tokens_in") == 10);
  CHECK(turn.number_of("/tokens_out") == 3);
  CHECK(turn.number_of("/bytes") == 120);
  CHECK(turn.number_of("/tool_calls") == 1);
  CHECK(turn.text_of("/model") == "openai:gpt");
  CHECK(
      turn.each("/spans", "name")
      == std::vector<std::string>{"turn", "queued", "model call", "first delta", "tool look \"up\"", "journal reply"});
  CHECK(turn.number_of("/spans/0/duration_us") == 6000);
  CHECK(turn.number_of("/spans/2/attributes/attempts") == 2);
  CHECK(turn.number_of("/spans/3/start_us") == 0);
  CHECK(turn.number_of("/spans/3/duration_us") == 3000);
  CHECK(turn.number_of("/spans/4/attributes/bytes") == 99);
  CHECK(turn.text_of("/spans/4/attributes/error") == "tool_error");
  CHECK(turn.number_of("/spans/5/duration_us") == 1000);
  // What memory learns of it comes after its end.
  s.traces.open(5, span_kind::learn, 30);
  s.pass(ms);
  s.traces.close(5, span_kind::learn);
  auto later = s.one(5);
  CHECK(later.number_of("/spans/6/start_us") == 56000);
  CHECK(later.number_of("/spans/6/duration_us") == 1000);
  CHECK(s.traces.totals().in_flight == 0);
  CHECK(s.traces.totals().tokens_in == 10);
}

TEST_CASE("the same question put to several ends with the last answer") {
  stage s;
  s.begin(5);
  s.traces.open(5, span_kind::recall, 43);
  s.pass(ms);
  s.traces.close(5, span_kind::recall, 0, {{span_value::hits, 1}});
  s.pass(ms);
  s.traces.close(5, span_kind::recall, 0, {{span_value::hits, 4}});
  auto turn = s.one(5);
  CHECK(turn.number_of("/spans/2/duration_us") == 2000);
  CHECK(turn.number_of("/spans/2/attributes/hits") == 4);
}

TEST_CASE("notes about turns that nobody knows do nothing") {
  stage s;
  s.traces.open(3, span_kind::model_call, 1, 0, "m");
  s.traces.close(3, span_kind::model_call);
  s.traces.first_delta(3);
  s.traces.at_session(3, 1);
  s.traces.end(3, event_kind::reply);
  s.traces.end(0, event_kind::reply);
  CHECK_FALSE(s.traces.begin({}));
  CHECK_FALSE(s.traces.one_json(3));
  CHECK_FALSE(s.traces.find(3));
  CHECK(s.traces.traceparent(3, span_kind::model_call).empty());
  CHECK(s.traces.totals().finished == 0);
  s.begin(4);
  CHECK_FALSE(s.traces.begin({4}));
  s.traces.close(4, span_kind::learn);  // never opened
  CHECK(s.traces.totals().in_flight == 1);
}

TEST_CASE("no more turns than the bound are traced at once, and the others are counted") {
  stage s({.max_in_flight = 2});
  s.begin(1);
  s.begin(2);
  CHECK_FALSE(s.traces.begin({3}));
  CHECK(s.traces.totals().untraced == 1);
  s.traces.end(1, event_kind::reply);
  s.begin(4);
  CHECK(s.traces.totals().in_flight == 2);
}

TEST_CASE("a turn keeps so many spans, and counts the rest") {
  stage s({.max_spans = 4});
  s.begin(1);
  for (int i = 0; i < 10; ++i) s.traces.open(1, span_kind::tool, 20, static_cast<std::uint32_t>(i), "tool");
  s.traces.close(1, span_kind::tool, 9);
  s.traces.end(1, event_kind::reply);
  auto turn = s.one(1);
  CHECK(turn.size_of("/spans") == 5);  // with the turn itself
  CHECK(turn.number_of("/spans_dropped") == 7);
  CHECK(turn.number_of("/tool_calls") == 10);
  CHECK(s.traces.totals().spans_dropped == 7);
}

TEST_CASE("the last turns are kept, and of the slow and failed ones the last longer than that") {
  stage s({.slow = 100ms, .kept = 5, .kept_slow = 3});
  for (std::uint64_t turn = 1; turn <= 4; ++turn) s.whole(turn, 200 * ms);
  s.whole(5, ms, event_kind::failed);
  s.whole(6, ms, event_kind::interrupted);
  s.whole(7, ms, event_kind::cancelled);
  for (std::uint64_t turn = 10; turn < 20; ++turn) s.whole(turn);
  auto all = s.list({.limit = 500});
  CHECK(all.number_of("/total") == 8);
  CHECK(all.number_of("/matching") == 8);
  CHECK(all.each("/turns", "turn")
        == std::vector<std::string>{"0000000000000013", "0000000000000012", "0000000000000011", "0000000000000010",
                                    "000000000000000f", "0000000000000006", "0000000000000005", "0000000000000004"});
  CHECK_FALSE(s.traces.one_json(3));
  CHECK(s.one(4).is_true("/slow"));
  auto failed = s.list({.state = turn_filter::only::failed});
  CHECK(failed.each("/turns", "outcome") == std::vector<std::string>{"interrupted", "failed"});
  CHECK(failed.each("/turns", "error") == std::vector<std::string>{"", "timeout"});
  auto slow = s.list({.state = turn_filter::only::slow});
  CHECK(slow.each("/turns", "turn") == std::vector<std::string>{"0000000000000004"});
  CHECK(s.traces.totals().finished == 17);
  CHECK(s.traces.totals().failed == 2);
}

TEST_CASE("one that is in flight for long is slow before it ends") {
  stage s({.slow = 100ms});
  s.begin(1);
  s.pass(99 * ms);
  CHECK(s.list({.state = turn_filter::only::slow}).number_of("/matching") == 0);
  s.pass(ms);
  s.begin(2);
  CHECK(s.list({.state = turn_filter::only::slow}).number_of("/matching") == 1);
  CHECK(s.list({.state = turn_filter::only::in_flight}).number_of("/matching") == 2);
}

TEST_CASE("turns are found by their ids, their client and their session, sorted and paged") {
  stage s;
  for (std::uint64_t turn = 1; turn <= 9; ++turn) {
    s.begin(turn, turn % 2 ? "odd" : "even", turn < 5 ? "aaaaaaaa1111" : "bbbbbbbb2222");
    s.pass(static_cast<std::int64_t>(10 - turn) * ms);
    s.traces.end(turn, event_kind::reply);
  }
  CHECK(s.list({.client = "odd"}).number_of("/matching") == 5);
  CHECK(s.list({.client = "od"}).number_of("/matching") == 0);
  CHECK(s.list({.session = "aaaaaaaa1111"}).number_of("/matching") == 4);
  CHECK(s.list({.session = "aaaaaaaa"}).number_of("/matching") == 4);
  CHECK(s.list({.q = "eve"}).number_of("/matching") == 4);
  CHECK(s.list({.q = "0007"}).number_of("/matching") == 1);
  CHECK(s.list({.q = "bbbb"}).number_of("/matching") == 5);
  CHECK(s.list({.q = "bbbbbbbb2222"}).number_of("/matching") == 5);
  CHECK(s.list({.q = "00000000000000010000000000000003"}).number_of("/matching") == 1);
  CHECK(s.list({.q = "nothing"}).size_of("/turns") == 0);
  using by = turn_filter::order_by;
  auto shortest = s.list({.sort = by::duration, .descending = false, .offset = 1, .limit = 2});
  CHECK(shortest.number_of("/matching") == 9);
  CHECK(shortest.each("/turns", "turn") == std::vector<std::string>{"0000000000000008", "0000000000000007"});
  auto oldest = s.list({.descending = false, .limit = 1});
  CHECK(oldest.each("/turns", "turn") == std::vector<std::string>{"0000000000000001"});
  CHECK(s.list({.offset = 100}).size_of("/turns") == 0);
}

TEST_CASE("parameters are read, and what breaks a rule is named") {
  const auto read = [](std::string name, std::string value) { return turn_filter::read({{name, value}}); };
  CHECK(read("sort", "duration_ms")->sort == turn_filter::order_by::duration);
  CHECK_FALSE(read("order", "asc")->descending);
  CHECK(read("state", "slow")->state == turn_filter::only::slow);
  CHECK(read("limit", "500")->limit == 500);
  CHECK(read("other", "x"));
  CHECK(read("limit", "501").error().message == "limit: '501' is not a whole number of at most 500");
  CHECK(read("offset", "-1").error().message == "offset: '-1' is not a whole number");
  CHECK(read("sort", "model").error().message == "sort: 'model' is not one of started_at, duration_ms");
  CHECK(read("order", "up").error().message == "order: 'up' is not one of asc, desc");
  CHECK(read("state", "done").error().message == "state: 'done' is not one of in_flight, slow, failed");
  CHECK(parse_turn_id("000000000000009f") == 0x9f);
  CHECK_FALSE(parse_turn_id("9f"));
  CHECK_FALSE(parse_turn_id("000000000000009F"));
}

TEST_CASE("how long turns take is known of the last that ended") {
  stage s({.kept = 100});
  CHECK_FALSE(s.traces.totals().p50_ms);
  s.whole(1000, 5000 * ms);
  for (std::uint64_t turn = 1; turn <= 100; ++turn) s.whole(turn, static_cast<std::int64_t>(turn) * ms);
  CHECK(s.traces.totals().p50_ms == 50);
  CHECK(s.traces.totals().p99_ms == 99);
}

TEST_CASE("a request upstream names the span it is made in") {
  stage s;
  REQUIRE(s.traces.begin({6, *parse_traceparent(parent), "s", "c", "luna", "p", 7}));
  CHECK(s.one(6).text_of("/parent_span") == "00f067aa0ba902b7");
  s.traces.open(6, span_kind::model_call, 12, 0, "m");
  const auto sent = parse_traceparent(s.traces.traceparent(6, span_kind::model_call));
  REQUIRE(sent);
  CHECK(sent->high == 0x4bf92f3577b34da6);
  CHECK(sent->low == 0xa3ce929d0e0e4736);
  CHECK(sent->parent == span_id(6, 2));  // the second span
  CHECK(sent->sampled);
  // Of a span that was dropped the turn is the parent.
  CHECK(parse_traceparent(s.traces.traceparent(6, span_kind::tool, 99))->parent == span_id(6, 0));
}

TEST_CASE("turns that ended are put by for the exporter, within its bound, but not those that nobody records") {
  stage s({.kept = 2, .kept_slow = 2});
  s.whole(1);
  int called = 0;
  s.traces.start_export(3, 4, [&] { ++called; });
  for (std::uint64_t turn = 2; turn <= 4; ++turn) s.whole(turn);
  CHECK(called == 1);
  REQUIRE(s.traces.begin({5, {1, 5, 9, false}, "s", "c", "luna", "p", 7}));
  s.traces.end(5, event_kind::reply);
  CHECK(s.traces.waiting_for_export() == 3);
  for (std::uint64_t turn = 6; turn <= 8; ++turn) s.whole(turn);
  CHECK(s.traces.export_dropped() == 2);
  // Those the rings have dropped are no longer shown, but still exported.
  CHECK(s.list().number_of("/total") == 2);
  CHECK_FALSE(s.traces.one_json(2));
  auto taken = s.traces.take_finished(2);
  REQUIRE(taken.size() == 2);
  CHECK(taken[0].turn == 2);
  CHECK(taken[1].turn == 3);
  taken = s.traces.take_finished(9);
  REQUIRE(taken.size() == 2);
  CHECK(taken[1].turn == 6);
  CHECK(s.traces.take_finished(9).empty());
  s.whole(9);
  s.traces.stop_export();
  CHECK(s.traces.waiting_for_export() == 0);
  s.whole(10);
  CHECK(s.traces.waiting_for_export() == 0);
  CHECK(s.list().number_of("/total") == 2);
}

TEST_CASE("records are used again and remember nothing of the turn before") {
  stage s({.kept = 1, .kept_slow = 0});
  for (std::uint64_t turn = 16; turn <= 16 * 200; turn += 16) {  // all of one shard
    s.begin(turn);
    s.traces.open(turn, span_kind::tool, 20, 0, "look_up");
    s.traces.open(turn, span_kind::model_call, 12, 0, "m");
    s.traces.close(turn, span_kind::model_call, 0, {{span_value::tokens_in, 1}});
    s.traces.first_delta(turn);
    s.traces.end(turn, event_kind::failed, failure_kind::overload, 5);
  }
  s.begin(7777 * 16);
  auto fresh = s.one(7777 * 16);
  CHECK(fresh.size_of("/spans") == 2);
  CHECK(fresh.text_of("/model") == "");
  CHECK(fresh.text_of("/error") == "");
  CHECK(fresh.text_of("/outcome") == "");
  CHECK(fresh.number_of("/tokens_in") == 0);
  CHECK(fresh.number_of("/tool_calls") == 0);
  CHECK(fresh.is_null("/first_delta_ms"));
  CHECK(s.list().number_of("/total") == 2);
}

TEST_CASE("roles note, the exporter takes and readers read at the same time") {
  stage s({.slow = 1h, .max_in_flight = 64, .kept = 32, .kept_slow = 8, .max_spans = 8});
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> exported{0};
  s.traces.start_export(16, 1'000'000, [] {});
  std::vector<std::thread> threads;
  constexpr std::uint64_t each = 3000, workers = 3;
  for (std::uint64_t worker = 0; worker < workers; ++worker) {
    threads.emplace_back([&, worker] {
      for (std::uint64_t i = 1; i <= each; ++i) {
        const auto turn = i * workers + worker;
        s.traces.begin({turn, {1, turn, 0, true}, "session", "client", "luna", "local", 7});
        s.traces.close(turn, span_kind::queued);
        s.traces.open(turn, span_kind::tool, 1, 0, "a tool with a name too long to be kept in place");
        s.traces.close(turn, span_kind::tool);
        s.traces.end(turn, i % 5 ? event_kind::reply : event_kind::failed, failure_kind::none, 1);
        s.traces.open(turn, span_kind::learn, 2);
        s.traces.close(turn, span_kind::learn);
      }
    });
  }
  threads.emplace_back([&] {
    while (!over) {
      exported += s.traces.take_finished(7).size();
      (void)s.traces.list_json({.q = "1", .limit = 20});
      (void)s.traces.totals();
      (void)s.traces.one_json(17);
    }
  });
  for (std::uint64_t i = 0; i < workers; ++i) threads[i].join();
  over = true;
  threads.back().join();
  exported += s.traces.take_finished(1'000'000).size();
  CHECK(exported == each * workers);
  CHECK(s.traces.totals().finished == each * workers);
  CHECK(s.traces.totals().in_flight == 0);
  CHECK(s.list().number_of("/total") <= 40);
  CHECK(s.list().number_of("/total") >= 32);
}
