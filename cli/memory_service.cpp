#include "cli/memory_service.hpp"

#include "cli/ask_actor.hpp"
#include "net/json.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/memory.hpp"

#include <caf/all.hpp>

#include <cstdio>

namespace troupe::cli {
namespace {

using net::append_json_string;

const char* verb_name(memory_verb verb) {
  switch (verb) {
    case memory_verb::add: return "add";
    case memory_verb::recall: return "recall";
    case memory_verb::list: return "list";
    case memory_verb::forget: return "forget";
  }
  return "";
}

std::string decimal(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", static_cast<double>(value));
  return text;
}

void append_record(std::string& out, const memory_record& record) {
  out += "{\"id\":" + std::to_string(record.id) + ",\"text\":";
  append_json_string(out, record.text);
  out += ",\"kind\":";
  append_json_string(out, record.kind);
  out += ",\"importance\":" + decimal(record.importance) + ",\"created_at\":" + std::to_string(record.created_at)
         + ",\"updated_at\":" + std::to_string(record.updated_at) + ",\"source\":";
  append_json_string(out, record.source);
}

std::string render(const memory_added& answer) {
  return "{\"id\":" + std::to_string(answer.id) + ",\"reinforced\":" + (answer.reinforced ? "true" : "false") + "}";
}

std::string render(const memory_recalled& answer) {
  std::string out = "{\"hits\":[";
  for (std::size_t i = 0; i < answer.hits.size(); ++i) {
    auto& hit = answer.hits[i];
    if (i > 0) out += ',';
    append_record(out, hit.record);
    out += ",\"score\":" + decimal(hit.score) + ",\"similarity\":" + decimal(hit.similarity)
           + ",\"matched\":" + (hit.matched ? "true" : "false") + "}";
  }
  return out + "]}";
}

std::string render(const memory_listed& answer) {
  std::string out = "{\"total\":" + std::to_string(answer.total) + ",\"records\":[";
  for (std::size_t i = 0; i < answer.records.size(); ++i) {
    if (i > 0) out += ',';
    append_record(out, answer.records[i]);
    out += '}';
  }
  return out + "]}";
}

std::string render(const memory_forgotten& answer) {
  return "{\"forgotten\":" + std::to_string(answer.count) + "}";
}

using answer_function = std::function<void(expected<std::string>)>;

template <class Answer, class Message>
void ask(caf::event_based_actor* self, const memory_actor& memory, Message message, const answer_function& done) {
  self->request(memory, caf::infinite, std::move(message))
      .then([done](const Answer& answer) { done(render(answer)); },
            [done](caf::error& error) { done(to_failure(error)); });
}

void ask(caf::event_based_actor* self, const memory_actor& memory, const memory_call& call,
         const answer_function& done) {
  switch (call.verb) {
    case memory_verb::add:
      return ask<memory_added>(self, memory, memory_add{call.text, {}, call.importance, "cli", {}}, done);
    case memory_verb::recall: {
      recall_options options;
      options.k = call.k;
      return ask<memory_recalled>(self, memory, memory_recall{{}, call.text, options}, done);
    }
    case memory_verb::list: return ask<memory_listed>(self, memory, memory_list{call.k, 0}, done);
    case memory_verb::forget: return ask<memory_forgotten>(self, memory, memory_forget{call.id, call.all}, done);
  }
}

failure invalid(std::string text) {
  return {failure_kind::invalid, std::move(text)};
}

expected<void> check(const memory_call& call) {
  if (call.space.empty() || call.space.size() > 200) return invalid("space: must be 1 to 200 bytes long");
  const bool needs_text = call.verb == memory_verb::add || call.verb == memory_verb::recall;
  if (needs_text && (call.text.empty() || call.text.size() > 100000))
    return invalid("text: must be 1 to 100000 bytes long");
  if (call.k < 1 || call.k > 1000) return invalid("k: must be 1 to 1000");
  if (call.verb == memory_verb::forget && call.all == (call.id != 0))
    return invalid("forget: needs either an id or all");
  if (!(call.importance >= 0 && call.importance <= 1)) return invalid("importance: must be from 0 to 1");
  return {};
}

}  // namespace

std::string to_json(const memory_call& call) {
  std::string out = std::string("{\"verb\":\"") + verb_name(call.verb) + "\",\"space\":";
  append_json_string(out, call.space);
  out += ",\"text\":";
  append_json_string(out, call.text);
  return out + ",\"k\":" + std::to_string(call.k) + ",\"id\":" + std::to_string(call.id)
         + ",\"all\":" + (call.all ? "true" : "false") + ",\"importance\":" + decimal(call.importance) + "}";
}

expected<memory_call> parse_memory_call(std::string_view json) {
  auto root = net::parse_json(json);
  if (!root) return root.error();
  memory_call call;
  std::string_view verb, text;
  if ((*root)["verb"].get(verb) != simdjson::SUCCESS) return invalid("verb: must be a string");
  bool known = false;
  for (auto each : {memory_verb::add, memory_verb::recall, memory_verb::list, memory_verb::forget})
    if (verb == verb_name(each)) call.verb = each, known = true;
  if (!known) return invalid("verb: must be add, recall, list or forget");
  if ((*root)["space"].get(text) == simdjson::SUCCESS) call.space = text;
  if ((*root)["text"].get(text) == simdjson::SUCCESS) call.text = text;
  std::uint64_t number = 0;
  if ((*root)["k"].get(number) == simdjson::SUCCESS)
    call.k = static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 1u << 30));
  if ((*root)["id"].get(number) == simdjson::SUCCESS) call.id = number;
  bool flag = false;
  if ((*root)["all"].get(flag) == simdjson::SUCCESS) call.all = flag;
  double importance = 0;
  if ((*root)["importance"].get(importance) == simdjson::SUCCESS) call.importance = static_cast<float>(importance);
  if (auto valid = check(call); !valid) return valid.error();
  return call;
}

void run_memory_call(node_services& node, const caf::actor& keeper, const memory_call& call,
                     std::function<void(expected<std::string>)> done) {
  if (auto valid = check(call); !valid) return done(valid.error());
  // One actor for both questions: its lease keeps the space awake until the answer.
  spawn_asker(node, [keeper, call, done = std::move(done)](caf::event_based_actor* self) {
    self->request(keeper, caf::infinite, keeper_open{call.space})
        .then([self, call, done](
                  const keeper_opened& opened) { ask(self, caf::actor_cast<memory_actor>(opened.handle), call, done); },
              [done](caf::error& error) { done(to_failure(error)); });
  });
}

}  // namespace troupe::cli
