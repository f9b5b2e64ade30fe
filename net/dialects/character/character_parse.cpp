#include "net/dialects/character/character_protocol.hpp"
#include "net/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace troupe::character_dialect {
namespace {

using element = simdjson::dom::element;
using object = simdjson::dom::object;
using element_type = simdjson::dom::element_type;

/// A field at fault.
struct field_error {
  std::string name;
  std::string rule;
};

/// The fields of one request. A getter always returns something; the first rule
/// that was broken is in `error`.
class fields {
 public:
  explicit fields(const object& from) : from_(from) {}

  std::string text(std::string_view name) {
    auto value = find(name);
    std::string_view out;
    if (!value || value->get(out) != simdjson::SUCCESS) return fail(name, "must be a string"), std::string();
    return std::string(out);
  }

  /// A string or null.
  std::string optional_text(std::string_view name) {
    auto value = find(name);
    if (!value || value->is_null()) return {};
    std::string_view out;
    if (value->get(out) != simdjson::SUCCESS) return fail(name, "must be a string or null"), std::string();
    return std::string(out);
  }

  /// An object as it stands, or empty for null.
  std::string optional_object(std::string_view name, std::size_t limit) {
    auto value = find(name);
    if (!value || value->is_null()) return {};
    object inner;
    if (value->get(inner) != simdjson::SUCCESS) return fail(name, "must be an object or null"), std::string();
    auto out = std::string(simdjson::minify(*value));
    if (out.size() <= limit) return out;
    fail(name, "may be at most " + std::to_string(limit) + " bytes long");
    return {};
  }

  bool flag(std::string_view name, bool otherwise) {
    auto value = find(name);
    if (!value) return otherwise;
    const auto out = to_bool(*value);
    if (!out) fail(name, "must be true or false");
    return out.value_or(otherwise);
  }

  std::int64_t number(std::string_view name, std::int64_t otherwise) {
    auto value = find(name);
    if (!value) return otherwise;
    const auto out = to_integer(*value);
    if (!out) fail(name, "must be a whole number");
    return out.value_or(otherwise);
  }

  const std::optional<field_error>& error() const { return error_; }

 private:
  std::optional<element> find(std::string_view name) {
    element value;
    if (from_[name].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
  }

  void fail(std::string_view name, std::string rule) {
    if (!error_) error_ = field_error{std::string(name), std::move(rule)};
  }

  static std::optional<bool> to_bool(const element& value) {
    bool out = false;
    if (value.get(out) == simdjson::SUCCESS) return out;
    double number = 0;
    if (value.get(number) == simdjson::SUCCESS)
      return number == 0 || number == 1 ? std::optional(number == 1) : std::nullopt;
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS || text.size() > 5) return std::nullopt;
    std::string word(text);
    std::transform(word.begin(), word.end(), word.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
    for (const char* each : {"true", "yes", "on", "1", "t", "y"})
      if (word == each) return true;
    for (const char* each : {"false", "no", "off", "0", "f", "n"})
      if (word == each) return false;
    return std::nullopt;
  }

  static std::optional<std::int64_t> whole(double number) {
    constexpr double most = 9007199254740992;  // 2^53: beyond it a double names no single whole number
    if (std::trunc(number) != number || std::abs(number) > most) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }

  static std::optional<std::int64_t> to_integer(const element& value) {
    std::int64_t out = 0;
    if (value.get(out) == simdjson::SUCCESS) return out;
    bool flag = false;
    if (value.get(flag) == simdjson::SUCCESS) return flag ? 1 : 0;
    if (value.type() == element_type::DOUBLE) return whole(double(value));
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) return std::nullopt;
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos) return std::nullopt;
    text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
    if (text.front() == '+') text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{}) return std::nullopt;
    // "5.0" counts, too.
    const auto rest = std::string_view(end, static_cast<std::size_t>(text.data() + text.size() - end));
    if (rest.empty()) return out;
    return rest.size() > 1 && rest.front() == '.' && rest.find_first_not_of('0', 1) == rest.npos ? std::optional(out)
                                                                                                 : std::nullopt;
  }

  const object& from_;
  std::optional<field_error> error_;
};

struct request_type {
  std::string_view name;
  request (*read)(fields& from);
};

constexpr std::array<request_type, 10> request_types = {{
    {"init_request",
     [](fields& from) -> request {
       init_request out{from.text("character_id"), from.optional_object("character_config", config_limit)};
       (void)from.optional_object("agent_config", frame_limit);
       return out;
     }},
    {"chat_request",
     [](fields& from) -> request {
       return chat_request{from.text("user_message"), from.optional_object("context", context_limit)};
     }},
    {"status_request",
     [](fields& from) -> request {
       return status_request{from.flag("include_vitals", true), from.flag("include_history", false),
                             from.flag("include_performance", false)};
     }},
    {"save_request", [](fields& from) -> request { return save_request{from.optional_text("filename")}; }},
    {"load_request", [](fields& from) -> request { return load_request{from.text("filename")}; }},
    {"reset_request", [](fields& from) -> request { return reset_request{from.flag("preserve_memories", true)}; }},
    {"memory_search_request",
     [](fields& from) -> request {
       return search_request{from.text("query"), from.number("limit", 5)};
     }},
    {"ping_request", [](fields&) -> request { return ping_request{}; }},
    {"subscribe_request", [](fields& from) -> request { return subscribe_request{from.flag("enabled", true)}; }},
    {"stop_request", [](fields&) -> request { return stop_request{}; }},
}};

request read_request(const object& top, std::string_view type) {
  const auto* found =
      std::find_if(request_types.begin(), request_types.end(), [&](auto& each) { return each.name == type; });
  if (found == request_types.end()) {
    const auto shown = std::string(type.substr(0, type.size() <= 64 ? type.size() : 0));
    const bool is_reply = shown.ends_with("_response") || shown == "character_event";
    std::string error = "Unknown message type" + (shown.empty() ? std::string() : ": " + shown);
    if (is_reply) error = "A client cannot send " + shown + ", which is a server's message";
    return refused{error_code::unknown_type, std::move(error), "message_type"};
  }
  fields from(top);
  auto out = found->read(from);
  if (auto& error = from.error())
    return refused{error_code::invalid_message, error->name + ": " + error->rule, error->name};
  return out;
}

/// False if it is there and no text.
bool read_message_id(const object& top, incoming& out) {
  element value;
  if (top["message_id"].get(value) != simdjson::SUCCESS || value.is_null()) return true;
  std::string_view id;
  if (value.get(id) != simdjson::SUCCESS || id.size() > message_id_limit) return false;
  out.message_id = std::string(id);
  return true;
}

}  // namespace

incoming parse(std::string_view frame) {
  incoming out;
  const auto root = net::parse_json(frame);
  if (!root) {
    out.what = refused{error_code::invalid_json, "the message is no JSON: " + root.error().message, {}};
    return out;
  }
  object top;
  if (root->get(top) != simdjson::SUCCESS) {
    out.what = refused{error_code::invalid_message, "the message must be one JSON object", {}};
    return out;
  }
  if (!read_message_id(top, out)) {
    out.what = refused{error_code::invalid_message,
                       "message_id: must be null or a string of at most " + std::to_string(message_id_limit) + " bytes",
                       "message_id"};
    return out;
  }
  std::string_view type;
  if (top["message_type"].get(type) != simdjson::SUCCESS) {
    out.what = refused{error_code::invalid_message, "message_type: must be a string", "message_type"};
    return out;
  }
  out.what = read_request(top, type);
  return out;
}

}  // namespace troupe::character_dialect
