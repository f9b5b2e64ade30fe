#include "storage/tool_events.hpp"

#include "config/quote.hpp"

#include <boost/json.hpp>

namespace troupe::storage {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// The first `limit` bytes, cut between characters, and said so.
std::string head_of(const std::string& text, std::size_t limit) {
  if (text.size() <= limit) return text;
  const auto end = config::shortened(text, limit).size();
  return text.substr(0, end) + " [the first " + std::to_string(end) + " of " + std::to_string(text.size()) + " bytes]";
}

}  // namespace

std::string encode_tool_begun(const tool_call& call) {
  json::object out{{"id", call.id}, {"name", call.name}};
  json::error_code code;
  auto arguments = json::parse(call.arguments, code);
  out["arguments"] = code ? json::value(call.arguments) : std::move(arguments);
  return json::serialize(out);
}

std::string encode_tool_finished(const tool_result& result) {
  return json::serialize(
      json::object{{"id", result.id}, {"name", result.name}, {"error", result.is_error}, {"content", result.content}});
}

void turn_tools::begun(const tool_call& call) {
  calls_.push_back({call.id, call.name, head_of(call.arguments, kept_arguments), std::nullopt, false});
}

void turn_tools::finished(const tool_result& result) {
  for (auto& each : calls_) {
    // A provider may use an id again in a later round, or for two calls of one.
    if (each.answer || each.id != result.id || each.name != result.name) continue;
    each.answer = head_of(result.content, kept_result);
    each.failed = result.is_error;
    return;
  }
}

void turn_tools::take(const session_event& event) {
  if (event.kind != event_kind::tool_begun && event.kind != event_kind::tool_finished) return;
  json::error_code code;
  const auto parsed = json::parse(event.text, code);
  const auto object = !code && parsed.is_object() ? parsed.get_object() : json::object();
  if (event.kind == event_kind::tool_begun) {
    const auto* arguments = object.if_contains("arguments");
    begun({text_of(object, "id"), text_of(object, "name"), arguments ? json::serialize(*arguments) : "", {}});
  } else {
    const auto* error = object.if_contains("error");
    finished({text_of(object, "id"), text_of(object, "name"), text_of(object, "content"),
              error && error->is_bool() && error->get_bool()});
  }
}

std::string turn_tools::note() const {
  if (calls_.empty()) return {};
  std::string out = "[This answer was cut off. Tools called in it:";
  for (auto& each : calls_) {
    out += "\n- " + each.name + "(" + each.arguments + "): ";
    if (!each.answer)
      out += "outcome unknown, it may have happened";
    else if (out.size() > note_bytes)
      out += each.failed ? "failed" : "finished";
    else
      out += (each.failed ? "failed: " : "finished: ") + *each.answer;
  }
  return out + "\nNone of them was called again.]";
}

}  // namespace troupe::storage
