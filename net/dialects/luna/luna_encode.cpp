#include "net/dialects/luna/luna_protocol.hpp"
#include "net/json.hpp"

namespace troupe::luna {
namespace {

using net::append_json_string;

/// 64-bit numbers travel as hex: JavaScript's numbers hold only 53 bits.
std::string turn_text(std::uint64_t turn) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(16, '0');
  for (int i = 15; i >= 0; --i, turn >>= 4) out[static_cast<std::size_t>(i)] = digits[turn & 15];
  return out;
}

void append_numbers(std::string& out, const turn_numbers* numbers) {
  if (numbers == nullptr) return;
  out += ",\"session_id\":";
  append_json_string(out, numbers->session_id);
  out += ",\"turn\":\"" + turn_text(numbers->turn) + '"';
  if (numbers->number != 0) out += ",\"number\":" + std::to_string(numbers->number);
}

bool is_newer(text_form form) {
  return form == text_form::newer_start || form == text_form::newer_text;
}

}  // namespace

std::string encode_client_registered() {
  return R"({"type":"client_registered","status":"connected"})";
}

std::string encode_voice_error(std::string_view error) {
  std::string out = R"({"type":"voice_session_error","error":)";
  append_json_string(out, error);
  return out += '}';
}

std::string encode_delta(text_form form, std::string_view text, const turn_numbers* numbers, std::uint64_t offset) {
  std::string out;
  out.reserve(text.size() + 64);
  out = is_newer(form) ? R"({"type":"text_content","session":"text","data":)" : R"({"type":"chunk","data":)";
  append_json_string(out, text);
  if (numbers) {
    append_numbers(out, numbers);
    out += ",\"offset\":" + std::to_string(offset);
  }
  return out += '}';
}

std::string encode_complete(text_form form, const turn_numbers* numbers) {
  std::string out = R"({"type":"complete","data":"","session":"text")";
  append_numbers(out, numbers);
  return out += '}';
}

std::string encode_result(std::string_view action, std::string_view result, const turn_numbers* numbers) {
  std::string out = R"({"type":"text_session_result","action":)";
  append_json_string(out, action);
  out += ",\"result\":";
  append_json_string(out, result);
  out += R"(,"status":"success")";
  append_numbers(out, numbers);
  return out += '}';
}

std::string encode_error(text_form form, std::string_view error, const turn_numbers* numbers) {
  if (form == text_form::resume) return encode_resume_error(error);
  std::string out = form == text_form::result ? R"({"type":"text_session_error","error":)"
                                              : R"({"type":"error","session":"text","error":)";
  append_json_string(out, error);
  append_numbers(out, numbers);
  return out += '}';
}

std::string encode_fault(std::string_view kind, std::string_view error) {
  std::string out = R"({"type":"error","error":)";
  append_json_string(out, error);
  out += ",\"fault\":";
  append_json_string(out, kind);
  return out += '}';
}

std::string encode_newer_started(std::string_view session_type, std::size_t memories_loaded,
                                 const turn_numbers* numbers) {
  std::string out = R"({"type":"text_session_started","session_type":)";
  append_json_string(out, session_type);
  out += ",\"memories_loaded\":" + std::to_string(memories_loaded);
  if (numbers) {
    out += ",\"session_id\":";
    append_json_string(out, numbers->session_id);
  }
  return out += '}';
}

std::string encode_text_session_ended() {
  return R"({"type":"text_session_ended"})";
}

std::string encode_turn_started(const turn_numbers& numbers) {
  std::string out = R"({"type":"text_turn_started")";
  append_numbers(out, &numbers);
  return out += '}';
}

std::string encode_resumed(const session_attached& state) {
  std::string out = R"({"type":"text_session_resumed","session_id":)";
  append_json_string(out, state.spec.id);
  out += ",\"last_number\":" + std::to_string(state.last_number) + ",\"events\":[";
  for (bool first = true; auto& event : state.missed) {
    if (!first) out += ',';
    first = false;
    out += "{\"number\":" + std::to_string(event.number) + ",\"kind\":\"" + to_string(event.kind) + '"';
    if (event.turn != 0) out += ",\"turn\":\"" + turn_text(event.turn) + '"';
    out += ",\"at\":" + std::to_string(event.at) + ",\"text\":";
    append_json_string(out, event.text);
    out += '}';
  }
  out += ']';
  if (state.open_turn != 0) {
    out += ",\"open_turn\":{\"turn\":\"" + turn_text(state.open_turn) + "\",\"offset\":" + std::to_string(state.offset)
           + ",\"data\":";
    append_json_string(out, state.open_text);
    out += '}';
  }
  return out += '}';
}

std::string encode_resume_error(std::string_view error) {
  std::string out = R"({"type":"text_session_resume_error","error":)";
  append_json_string(out, error);
  return out += '}';
}

}  // namespace troupe::luna
