#include "storage/tool_events.hpp"

#include <boost/json.hpp>

namespace troupe::storage {
namespace {

namespace json = boost::json;

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
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

void turn_tools::finished(std::string_view id) {
  for (auto& each : calls_)
    if (each.id == id) each.finished = true;
}

void turn_tools::take(const session_event& event) {
  if (event.kind != event_kind::tool_begun && event.kind != event_kind::tool_finished) return;
  json::error_code code;
  const auto parsed = json::parse(event.text, code);
  const auto object = !code && parsed.is_object() ? parsed.get_object() : json::object();
  if (event.kind == event_kind::tool_begun)
    begun(text_of(object, "id"), text_of(object, "name"));
  else
    finished(text_of(object, "id"));
}

std::string turn_tools::note() const {
  if (calls_.empty()) return {};
  std::string out = "[This answer was cut off. Tools called in it: ";
  for (bool first = true; auto& each : calls_) {
    out +=
        (first ? "" : ", ") + each.name + (each.finished ? " (finished)" : " (outcome unknown: it may have happened)");
    first = false;
  }
  return out + ".]";
}

}  // namespace troupe::storage
