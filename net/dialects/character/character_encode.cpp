#include "net/dialects/character/character_protocol.hpp"
#include "net/json.hpp"
#include "runtime/ports/clock.hpp"

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

namespace troupe::character_dialect {
namespace {

using net::append_json_string;

struct reply_type {
  std::string_view name;
  std::string_view failed;  ///< the fields besides envelope, `success` and `error`, empty
  bool has_error = true;    ///< `error` belongs to it, null on success
};

/// By `request_kind`.
constexpr std::array<reply_type, 10> reply_types = {{
    {"init_response", R"("character_name":"","character_info":{})"},
    {"chat_response",
     R"("response_text":"","character_insights":{},"response_metadata":{},"generation_info":{},)"
     R"("orchestration_summary":{},"cognitive_summary":{},"character_state_summary":{},"performance_info":{})"},
    {"status_response", R"("character_summary":{},"vitals":null,"conversation_history":null,"performance_stats":null)"},
    {"save_response", R"("filename":"")"},
    {"load_response", R"("character_info":{})"},
    {"reset_response", R"("character_info":{})"},
    {"memory_search_response", R"("memories":[],"count":0)"},
    {"ping_response", R"("server_time":"")", false},
    {"subscribe_response", R"("character_id":null)"},
    {"stop_response", R"("stopped":false)"},
}};

const reply_type& type_of(request_kind kind) {
  return reply_types[static_cast<std::size_t>(kind)];
}

/// Fields' text without the object's braces.
std::string_view inside(std::string_view object) {
  return object.size() > 2 ? object.substr(1, object.size() - 2) : std::string_view();
}

void append_text(std::string& out, std::string_view text) {
  append_json_string(out, net::repair_utf8(text));
}

std::string begin(std::string_view type, const reply_head& head, std::size_t reserve) {
  std::string out;
  out.reserve(reserve + 160 + (head.message_id ? head.message_id->size() : 0));
  out += R"({"message_type":")";
  out += type;
  out += R"(","message_id":)";
  if (head.message_id)
    append_json_string(out, *head.message_id);
  else
    out += "null";
  out += R"(,"timestamp":")" + local_timestamp(head.wall_us) + '"';
  return out;
}

std::string assemble_success(request_kind kind, const reply_head& head, std::string_view body) {
  auto& type = type_of(kind);
  auto out = begin(type.name, head, body.size());
  out += R"(,"success":true)";
  if (const auto members = inside(body); !members.empty()) {
    out += ',';
    out += members;
  }
  if (type.has_error) out += R"(,"error":null)";
  return out += '}';
}

/// 64-bit numbers travel as hex: JavaScript's numbers hold only 53 bits.
std::string turn_text(std::uint64_t turn) {
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(turn));
  return digits;
}

}  // namespace

request_failure failure_of(const failure& error) {
  auto code = error_code::internal;
  switch (error.kind) {
    case failure_kind::invalid:
    case failure_kind::denied: code = error_code::invalid_message; break;
    case failure_kind::not_found: code = error_code::not_found; break;
    case failure_kind::busy: code = error_code::busy; break;
    case failure_kind::timeout: code = error_code::timeout; break;
    case failure_kind::cancelled: code = error_code::cancelled; break;
    default: break;
  }
  return {code, error.message};
}

std::string encode_success(request_kind kind, const reply_head& head, std::string_view body) {
  auto out = assemble_success(kind, head, body);
  if (out.size() < frame_limit) return out;
  const auto envelope = out.size() - body.size();
  if (auto shorter = shortened_body(body, frame_limit - envelope - 2)) return assemble_success(kind, head, *shorter);
  return encode_failure(kind, head, {error_code::internal, "the answer is longer than a message may be, 1 MiB"});
}

std::string encode_failure(request_kind kind, const reply_head& head, const request_failure& why) {
  auto& type = type_of(kind);
  auto out = begin(type.name, head, type.failed.size() + why.error.size());
  out += R"(,"success":false,)";
  out += type.failed;
  out += R"(,"error":)";
  append_text(out, why.error);
  out += R"(,"error_code":")";
  out += why.code;
  return out += "\"}";
}

std::string encode_refused(const reply_head& head, const refused& why) {
  auto out = begin("error_response", head, why.error.size());
  out += R"(,"error":)";
  append_text(out, why.error);
  out += R"(,"error_code":")";
  out += why.code;
  out += R"(","details":)";
  if (why.field.empty()) return out += "null}";
  out += R"({"field":)";
  append_text(out, why.field);
  return out += "}}";
}

std::string init_body(std::string_view name, std::string_view info) {
  std::string out = R"({"character_name":)";
  append_text(out, name);
  out += R"(,"character_info":)";
  out += info.empty() ? "{}" : info;
  return out += '}';
}

std::string ping_body(std::int64_t wall_us) {
  return R"({"server_time":")" + local_timestamp(wall_us) + "\"}";
}

std::string subscribe_body(std::string_view character_id) {
  std::string out = R"({"character_id":)";
  if (character_id.empty())
    out += "null";
  else
    append_text(out, character_id);
  return out += '}';
}

std::string stop_body(bool stopped) {
  return stopped ? R"({"stopped":true})" : R"({"stopped":false})";
}

shared_bytes encode_event(const turn_ref& ref, character_event_kind kind, const std::string& body,
                          std::int64_t wall_us) {
  auto out = begin("character_event", {std::nullopt, wall_us}, body.size() + 64);
  out += R"(,"event":")";
  out += to_string(kind);
  out += R"(","turn_id":)";
  out += ref.turn == 0 ? "null" : '"' + turn_text(ref.turn) + '"';
  out += R"(,"data":)";
  // The ids say what happened; a peer would close on a frame over the limit.
  if (body.empty() || out.size() + body.size() + 20 > frame_limit)
    out += body.empty() ? "{}" : R"({},"truncated":true)";
  else
    out += body;
  out += '}';
  return shared_bytes(std::move(out));
}

std::function<shared_bytes(const turn_ref&, character_event_kind, const std::string&)> event_encoder(
    const clock_port& clock) {
  return [&clock](const turn_ref& ref, character_event_kind kind, const std::string& body) {
    return encode_event(ref, kind, body, clock.wall_ms() * 1000);
  };
}

std::optional<std::string> shortened_body(std::string_view body, std::size_t room) {
  constexpr std::size_t largest = 256 * 1024 * 1024;
  auto root = net::parse_json(body, largest);
  simdjson::dom::object fields;
  if (!root || root->get(fields) != simdjson::SUCCESS) return std::nullopt;
  std::string before;  // every field but the list and its length
  std::string_view list_name;
  std::vector<std::string> entries;
  for (auto field : fields) {
    simdjson::dom::array list;
    const bool is_list = list_name.empty() && (field.key == "conversation_history" || field.key == "memories")
                         && field.value.get(list) == simdjson::SUCCESS;
    if (is_list) {
      list_name = field.key;
      for (auto entry : list) entries.push_back(simdjson::minify(entry));
    } else if (field.key != "count") {
      if (!before.empty()) before += ',';
      append_json_string(before, field.key);
      before += ':' + std::string(simdjson::minify(field.value));
    }
  }
  if (list_name.empty()) return std::nullopt;
  const bool newest_last = list_name == "conversation_history";
  std::size_t used = before.size() + list_name.size() + 40;
  if (used > room) return std::nullopt;
  std::size_t kept = 0;
  while (kept < entries.size()) {
    auto& next = newest_last ? entries[entries.size() - 1 - kept] : entries[kept];
    if (used + next.size() + 1 > room) break;
    used += next.size() + 1;
    ++kept;
  }
  std::string out = "{" + before + (before.empty() ? "\"" : ",\"") + std::string(list_name) + "\":[";
  const auto from = newest_last ? entries.size() - kept : 0;
  for (std::size_t i = from; i < from + kept; ++i) {
    if (i > from) out += ',';
    out += entries[i];
  }
  out += ']';
  if (!newest_last) out += ",\"count\":" + std::to_string(kept);
  return out + '}';
}

}  // namespace troupe::character_dialect
