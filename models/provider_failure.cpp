#include "models/provider_failure.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace troupe::models {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t text_limit = 300;
constexpr milliseconds longest_retry = std::chrono::hours(24);

/// What an error body says, whoever wrote it.
struct told {
  std::string text;
  int code = 0;       ///< an HTTP status inside the body
  std::string words;  ///< status, type, code and reasons, in lower case, each after a space
  std::optional<milliseconds> retry_after;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

milliseconds bounded(double ms) {
  const double most = static_cast<double>(longest_retry.count());
  return milliseconds(static_cast<std::int64_t>(std::clamp(ms, 0.0, most)));
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::time_t> http_date(const std::string& text) {
  std::tm parts{};
  std::istringstream stream(text);
  stream.imbue(std::locale::classic());
  stream >> std::get_time(&parts, "%a, %d %b %Y %H:%M:%S");
  if (stream.fail()) return std::nullopt;
  return timegm(&parts);
}

std::optional<milliseconds> retry_after(const http_head& head) {
  if (const auto ms = number(head.header("retry-after-ms"))) return bounded(*ms);
  const auto text = head.header("retry-after");
  if (const auto seconds = number(text)) return bounded(*seconds * 1000);
  // Counted from the answer's own date: its clock need not be ours.
  const auto until = http_date(text);
  const auto now = http_date(head.header("date"));
  if (until && now) return bounded(std::difftime(*until, *now) * 1000);
  return std::nullopt;
}

/// Gemini's google.rpc.ErrorInfo and RetryInfo.
void read_detail(json_element detail, told& out) {
  if (const auto reason = text_member(detail, "reason"); !reason.empty()) out.words += " " + lower(reason);
  auto delay = text_member(detail, "retryDelay");  // a protobuf duration: "33s", "1.5s"
  if (!delay.ends_with('s')) return;
  delay.remove_suffix(1);
  if (const auto seconds = number(delay)) out.retry_after = bounded(*seconds * 1000);
}

told read_error(json_element error) {
  told out;
  std::string_view text;
  if (!error.get(text)) {
    out.text = text;
    return out;
  }
  out.text = text_member(error, "message");
  out.code = static_cast<int>(std::min<std::uint32_t>(count_member(error, "code"), 999));
  for (const auto key : {"status", "type", "code"})
    if (const auto word = text_member(error, key); !word.empty()) out.words += " " + lower(word);
  for_each_item(error, "details", [&](json_element detail) { read_detail(detail, out); });
  return out;
}

/// The error in a body: {"error": ...}, a list of such, {"message": ...} or {"detail": ...}.
told read_body(std::string_view body) {
  auto root = parse_json(body);
  if (!root) return {};
  simdjson::dom::array list;
  json_element first;
  if (!root->get(list) && !list.at(0).get(first)) root = first;
  if (const auto error = member(*root, "error")) return read_error(*error);
  told out = read_error(*root);
  if (out.text.empty()) out.text = text_member(*root, "detail");
  return out;
}

failure_kind kind_of_status(int status) {
  if (status == 401 || status == 403) return failure_kind::auth;
  if (status == 429) return failure_kind::quota;
  if (status == 408 || status == 504) return failure_kind::timeout;
  if (status >= 500) return failure_kind::overload;
  return failure_kind::upstream;
}

failure_kind kind_of_words(const std::string& words) {
  struct rule {
    std::string_view part;
    failure_kind kind;
  };
  static constexpr std::array<rule, 16> rules = {{{"api_key_invalid", failure_kind::auth},
                                                  {"invalid_api_key", failure_kind::auth},
                                                  {"authentication", failure_kind::auth},
                                                  {"unauthenticated", failure_kind::auth},
                                                  {"permission_denied", failure_kind::auth},
                                                  {"quota", failure_kind::quota},
                                                  {"rate_limit", failure_kind::quota},
                                                  {"resource_exhausted", failure_kind::quota},
                                                  {"overloaded", failure_kind::overload},
                                                  {"unavailable", failure_kind::overload},
                                                  {"server_error", failure_kind::overload},
                                                  {"internal", failure_kind::overload},
                                                  {"deadline_exceeded", failure_kind::timeout},
                                                  {"timeout", failure_kind::timeout},
                                                  {"content_filter", failure_kind::filtered},
                                                  {"content_policy", failure_kind::filtered}}};
  for (const auto& [part, kind] : rules)
    if (words.find(part) != std::string::npos) return kind;
  return failure_kind::upstream;
}

bool begins_key(std::string_view text) {
  return text.starts_with("sk-") || text.starts_with("AIza");
}

bool is_key_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '*';
}

/// Replaces words that look like a key, also one that is shown in part.
std::string without_keys(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    while (end < text.size() && is_key_character(text[end])) ++end;
    const auto word = text.substr(i, end - i);
    out += begins_key(word) ? std::string_view("********") : word;
    if (end < text.size()) out += text[end++];
    i = end;
  }
  return out;
}

}  // namespace

std::string short_text(std::string_view text, std::string_view key) {
  std::string line = valid_utf8(text);
  if (!key.empty())
    for (auto at = line.find(key); at != std::string::npos; at = line.find(key))
      line.replace(at, key.size(), "********");
  line = without_keys(line);
  std::string out;
  for (const char c : line) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.size() > text_limit) {
    auto end = text_limit - 3;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0) == 0x80) --end;
    out.resize(end);
    out += "...";
  }
  while (!out.empty() && (out.back() == ' ' || (out.back() == '.' && !out.ends_with("...")))) out.pop_back();
  return out;
}

provider_failure failure_of_answer(std::string_view provider, std::string_view key, const http_head& head,
                                   std::string_view body) {
  const told said = read_body(body);
  provider_failure out;
  out.retry_after = retry_after(head);
  if (!out.retry_after) out.retry_after = said.retry_after;
  auto kind = kind_of_status(head.status);
  if (kind == failure_kind::upstream) {
    // Only what a 400 may really mean; its other words describe the request.
    const auto by_words = kind_of_words(said.words);
    if (by_words == failure_kind::auth || by_words == failure_kind::filtered) kind = by_words;
  }
  out.error.kind = kind;
  out.error.message = std::string(provider) + " answered " + std::to_string(head.status);
  if (head.status == 401) {
    out.error.message += ": it does not take the key";
  } else if (const auto text = short_text(said.text, key); !text.empty()) {
    out.error.message += ": " + text;
  } else if (head.status >= 300 && head.status < 400) {
    out.error.message += ", a redirect; redirects are not followed";
  }
  return out;
}

std::optional<provider_failure> failure_of_event(std::string_view provider, std::string_view key, json_element event) {
  const auto error = member(event, "error");
  if (!error) return std::nullopt;
  const told said = read_error(*error);
  provider_failure out;
  out.retry_after = said.retry_after;
  out.error.kind = said.code >= 400 ? kind_of_status(said.code) : failure_kind::upstream;
  if (out.error.kind == failure_kind::upstream) out.error.kind = kind_of_words(said.words);
  const auto text = short_text(said.text, key);
  out.error.message = std::string(provider) + " broke off with an error" + (text.empty() ? "" : ": " + text);
  return out;
}

failure failure_of_transport(std::string_view provider, const failure& error) {
  return {error.kind, std::string(provider) + ": " + error.message};
}

}  // namespace troupe::models
