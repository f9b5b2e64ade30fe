#include "net/dialects/luna/luna_protocol.hpp"
#include "net/json.hpp"

#include <charconv>
#include <optional>

namespace troupe::luna {
namespace {

using element = simdjson::dom::element;
using object = simdjson::dom::object;

/// Of later versions of W3C Trace Context too, of which only the beginning counts.
constexpr std::size_t traceparent_limit = 256;

std::optional<std::string_view> text_field(const object& from, std::string_view name) {
  std::string_view value;
  if (from[name].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<object> object_field(const object& from, std::string_view name) {
  object value;
  if (from[name].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::uint64_t number_field(const object& from, std::string_view name) {
  std::uint64_t value = 0;
  if (from[name].get(value) != simdjson::SUCCESS) return 0;
  return value;
}

bool flag_field(const object& from, std::string_view name) {
  bool value = false;
  return from[name].get(value) == simdjson::SUCCESS && value;
}

/// `memories`: an array, or an object that holds one under the same name.
std::optional<simdjson::dom::array> memories_of(const object& from) {
  element value;
  if (from["memories"].get(value) != simdjson::SUCCESS) return std::nullopt;
  simdjson::dom::array items;
  if (value.get(items) == simdjson::SUCCESS) return items;
  object inner;
  if (value.get(inner) == simdjson::SUCCESS && inner["memories"].get(items) == simdjson::SUCCESS) return items;
  return std::nullopt;
}

/// False if there are too many. Items that are no objects are skipped (contract 5.1).
bool read_memories(const object& from, std::vector<memory_note>& out) {
  auto items = memories_of(from);
  if (!items) return true;
  for (auto item : *items) {
    object fields;
    if (item.get(fields) != simdjson::SUCCESS) continue;
    auto text = text_field(fields, "memory");
    if (!text) text = text_field(fields, "text");
    if (!text || text->empty()) continue;
    if (out.size() == memory_limit) return false;
    memory_note note{std::string(*text), 0};
    if (fields["confidence"].get(note.confidence) != simdjson::SUCCESS) note.confidence = 0;
    out.push_back(std::move(note));
  }
  return true;
}

rejected_request reject(text_form form, std::string error) {
  return {form, std::move(error)};
}

bool known_action(std::string_view action) {
  return action == "explain" || action == "rewrite" || action == "chat";
}

template <class Message>
std::variant<rejected_request, Message> limits_or(text_form form, const object& fields, Message message) {
  for (const auto* text : {&message.text, &message.question})
    if (text->size() > text_limit)
      return reject(form,
                    "Text too long: " + std::to_string(text->size()) + " bytes, at most " + std::to_string(text_limit));
  if (!read_memories(fields, message.memories))
    return reject(form, "Too many memories: at most " + std::to_string(memory_limit));
  message.numbered = flag_field(fields, "numbered");
  message.traceparent = text_field(fields, "traceparent").value_or("").substr(0, traceparent_limit);
  return message;
}

void set(incoming& out, std::variant<rejected_request, text_request>&& value) {
  std::visit([&](auto& item) { out.message = std::move(item); }, value);
}

/// C: `start_text_session` (text in `selected_text`) and `text_action` (in `text`).
void parse_canonical(incoming& out, const object& fields, text_form form) {
  const std::string_view name = form == text_form::result ? "selected_text" : "text";
  auto action = text_field(fields, "action");
  auto text = text_field(fields, name);
  if (!action || action->empty() || !text || text->empty()) {
    out.message = reject(form, "Missing action or " + std::string(name));
    return;
  }
  if (!known_action(*action)) {
    out.message = reject(form, "Unsupported action: " + std::string(action->substr(0, 64)));
    return;
  }
  text_request request{form, std::string(*action), std::string(*text), {}, {}, false, {}};
  request.question = text_field(fields, "additional_prompt").value_or("");
  set(out, limits_or(form, fields, std::move(request)));
}

/// N: the three fields may sit one level deeper, in `initial_message` (contract 5.2).
void parse_newer_start(incoming& out, const object& outer) {
  constexpr auto form = text_form::newer_start;
  auto fields = outer;
  if (!text_field(outer, "session_type"))
    if (auto inner = object_field(outer, "initial_message")) fields = *inner;
  auto type = text_field(fields, "session_type").value_or("");
  if (!known_action(type)) {
    out.message =
        reject(form, "Unknown session_type: " + std::string(type.substr(0, 64)) + "; must be explain, rewrite or chat");
    return;
  }
  auto content = object_field(fields, "content");
  std::optional<std::string_view> text, query;
  if (content) {
    text = text_field(*content, "selected_text");
    query = text_field(*content, "user_query");
  }
  if (!text || !query) {
    out.message = reject(form, "content: must be an object with the strings selected_text and user_query");
    return;
  }
  text_request request{form, std::string(type), std::string(*text), std::string(*query), {}, false, {}};
  set(out, limits_or(form, fields, std::move(request)));
}

void parse_newer_text(incoming& out, const object& fields) {
  auto text = text_field(fields, "text");
  if (!text || text->empty()) {
    out.message = reject(text_form::newer_text, "text: must be a non-empty string");
    return;
  }
  text_request request{text_form::newer_text, {}, std::string(*text), {}, {}, false, {}};
  set(out, limits_or(text_form::newer_text, fields, std::move(request)));
}

std::uint64_t turn_field(const object& fields) {
  auto text = text_field(fields, "turn").value_or("");
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

void parse_resume(incoming& out, const object& fields) {
  auto id = text_field(fields, "session_id").value_or("");
  const bool hex = id.size() == 32 && id.find_first_not_of("0123456789abcdef") == id.npos;
  if (!hex) {
    out.message = reject(text_form::resume, "session_id: must be 32 lower-case hex digits");
    return;
  }
  out.message = resume_request{std::string(id), number_field(fields, "after_number"), turn_field(fields),
                               number_field(fields, "offset")};
}

/// The answer to a request of ours. Without a `request_id` nothing waits for it.
void parse_response(incoming& out, const object& fields) {
  client_response response;
  response.request_id = text_field(fields, "request_id").value_or("");
  if (response.request_id.empty() || response.request_id.size() > 64) return;
  response.status = text_field(fields, "status").value_or("");
  response.message = text_field(fields, "message").value_or("");
  element data;
  if (fields["data"].get(data) == simdjson::SUCCESS && !data.is_null()) response.data = simdjson::minify(data);
  out.message = std::move(response);
}

}  // namespace

incoming parse(std::string_view frame) {
  incoming out;
  auto root = net::parse_json(frame);
  if (!root) {
    out.message = fault{"not_json", "the frame is no JSON: " + root.error().message};
    return out;
  }
  object top;
  if (root->get(top) != simdjson::SUCCESS) {
    out.message = fault{"not_an_object", "the frame must hold one JSON object"};
    return out;
  }
  auto type = text_field(top, "type");
  if (!type) {
    out.message = fault{"type", "type: must be a string"};
    return out;
  }
  auto payload = object_field(top, "payload");
  out.newer = payload.has_value();
  const object fields = payload ? *payload : top;
  if (type->size() > 64) return out;
  if (*type == "start_text_session") {
    const auto inner = object_field(fields, "initial_message");
    const bool newer_form = text_field(fields, "session_type") || (inner && text_field(*inner, "session_type"))
                            || (payload && !text_field(fields, "action"));
    if (newer_form)
      parse_newer_start(out, fields);
    else
      parse_canonical(out, fields, text_form::result);
  } else if (*type == "text_action") {
    parse_canonical(out, fields, text_form::stream);
  } else if (*type == "text") {
    parse_newer_text(out, fields);
  } else if (*type == "resume_text_session") {
    parse_resume(out, fields);
  } else if (*type == "start_voice_session") {
    out.message = voice_start{};
  } else if (*type == "stop_voice_session") {
    out.message = voice_stop{};
  } else if (*type == "stop_text_session") {
    out.message = text_stop{};
  } else if (*type == "stop_session") {
    out.message = session_stop{};
  } else if (type->size() > 9 && type->substr(type->size() - 9) == "_response") {
    parse_response(out, fields);
  }
  return out;
}

}  // namespace troupe::luna
