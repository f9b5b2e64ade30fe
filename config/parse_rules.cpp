#include "config/quote.hpp"
#include "config/rules.hpp"

#include <arpa/inet.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace troupe::config {
namespace {

std::string_view trimmed(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_visible_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F; });
}

/// A header's name (RFC 9110 §5.6.2).
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c != 0 && std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos);
  });
}

/// Nothing if an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const auto digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

/// All of `text` as a number; what exceeds 64 bits counts as the largest, so
/// that it is reported as out of range and not as "no number".
std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return UINT64_MAX;
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

template <class Rule>
std::string parse_range(const Rule& rule, std::string_view text, std::uint64_t& out) {
  bool negative = text.size() > 1 && text.front() == '-' && number(text.substr(1));
  auto value = number(text);
  if (!value && !negative) return "is not a whole number in " + range_of(rule);
  if (negative || *value < rule.low || *value > rule.high) return "is not in " + range_of(rule);
  out = *value;
  return {};
}

template <class Enum>
std::string parse_choice(const one_of<Enum>& rule, std::string_view text, Enum& out) {
  auto names = names_of(Enum{});
  auto found = std::find(names.begin(), names.end(), lower(text));
  if (found == names.end()) return "is not one of " + range_of(rule);
  out = static_cast<Enum>(found - names.begin());
  return {};
}

/// Calls `take` for each item between commas, until one has a problem.
template <class Take>
std::string parse_list(std::string_view text, Take take) {
  if (trimmed(text).empty()) return {};
  for (;;) {
    auto comma = text.find(',');
    auto item = trimmed(text.substr(0, comma));
    if (item.empty()) return "has an empty item";
    if (auto problem = take(item); !problem.empty()) return problem;
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

constexpr struct { std::uint64_t low = 0, high = 65535; } ports;
std::string range_of(const decltype(ports)&) {
  return "0..65535";
}

}  // namespace

std::string parse(const whole_number& rule, std::string_view text, std::size_t& out) {
  std::uint64_t value = 0;
  auto problem = parse_range(rule, trimmed(text), value);
  out = static_cast<std::size_t>(value);
  return problem;
}

std::string parse(const port_number&, std::string_view text, std::uint16_t& out) {
  std::uint64_t value = 0;
  auto problem = parse_range(ports, trimmed(text), value);
  out = static_cast<std::uint16_t>(value);
  return problem;
}

std::string parse(const milliseconds& rule, std::string_view text, std::chrono::milliseconds& out) {
  std::uint64_t value = 0;
  auto problem = parse_range(rule, trimmed(text), value);
  out = std::chrono::milliseconds(value);
  return problem;
}

std::string parse(const byte_size& rule, std::string_view text, std::size_t& out) {
  text = trimmed(text);
  auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto value = number(text.substr(0, digits));
  auto suffix = lower(trimmed(text.substr(digits)));
  int shift = suffix.empty() ? 0 : suffix == "kib" ? 10 : suffix == "mib" ? 20 : suffix == "gib" ? 30 : -1;
  if (!value || shift < 0) return "is not a size like 4096, 64KiB or 16MiB in " + range_of(rule);
  if (*value > (UINT64_MAX >> shift) || *value << shift < rule.low || *value << shift > rule.high)
    return "is not in " + range_of(rule);
  out = static_cast<std::size_t>(*value << shift);
  return {};
}

std::string parse(const on_off& rule, std::string_view text, bool& out) {
  auto word = lower(trimmed(text));
  out = word == "1" || word == "true" || word == "yes" || word == "on";
  if (out || word.empty() || word == "0" || word == "false" || word == "no" || word == "off") return {};
  return "is not one of " + range_of(rule);
}

std::string parse(const one_of<log_level>& rule, std::string_view text, log_level& out) {
  // Python's names, as they stand in the environment of the servers this one replaces.
  const auto word = lower(trimmed(text));
  if (word == "warning") return parse_choice(rule, "warn", out);
  if (word == "critical") return parse_choice(rule, "error", out);
  return parse_choice(rule, word, out);
}
std::string parse(const one_of<log_format>& rule, std::string_view text, log_format& out) {
  return parse_choice(rule, trimmed(text), out);
}
std::string parse(const one_of<auth_mode>& rule, std::string_view text, auth_mode& out) {
  return parse_choice(rule, trimmed(text), out);
}
std::string parse(const one_of<likeness>& rule, std::string_view text, likeness& out) {
  auto word = lower(trimmed(text));
  for (auto later : {"gemini-server", "dreamweaver", "hub"})
    if (word == later) return "is a dialect that is not built yet; there is " + range_of(rule);
  return parse_choice(rule, word, out);
}

std::string parse(const one_line&, std::string_view text, std::string& out) {
  out = trimmed(text);
  if (out.empty()) return "is empty";
  if (out.size() > 200) return "is longer than 200 bytes";
  if (has_control(out)) return "holds control characters";
  return {};
}

std::string parse(const optional_line&, std::string_view text, std::string& out) {
  out.clear();
  return trimmed(text).empty() ? std::string() : parse(one_line(), text, out);
}

std::string parse(const base_url& rule, std::string_view text, std::string& out) {
  out = trimmed(text);
  if (out.empty()) return {};
  auto after_scheme = out.starts_with("http://") ? 7u : out.starts_with("https://") ? 8u : 0u;
  auto authority = std::string_view(out).substr(after_scheme);
  authority = authority.substr(0, authority.find('/'));
  if (after_scheme == 0 || authority.empty() || authority.find('@') != std::string_view::npos
      || out.find_first_of("?#") != std::string::npos || !is_visible_ascii(out) || out.size() > 1000)
    return "is not " + range_of(rule);
  while (out.ends_with('/')) out.pop_back();
  return {};
}

std::string parse(const secret_token&, std::string_view text, std::string& out) {
  out = text;
  if (!is_visible_ascii(out)) return "holds other characters than visible ASCII";
  if (out.size() > 1000) return "is longer than 1000 characters";
  return {};
}

std::string parse(const header_list&, std::string_view text, std::map<std::string, std::string>& out) {
  out.clear();
  // Never quotes a value: it may be a key.
  return parse_list(text, [&](std::string_view item) -> std::string {
    const auto equals = item.find('=');
    const auto name = lower(trimmed(item.substr(0, equals)));
    if (equals == std::string_view::npos || !is_token(name)) return "has an item that is not name=value";
    if (name == "content-type" || name == "content-length" || name == "host" || name == "transfer-encoding")
      return "has the header " + name + ", which is set by the server itself";
    const auto value = percent_decoded(trimmed(item.substr(equals + 1)));
    if (!value || value->empty() || has_control(*value))
      return "has a header " + name + " without a value, with control characters or a broken percent escape";
    if (!out.emplace(name, *value).second) return "has the header " + name + " twice";
    return {};
  });
}

std::string parse(const ip_address& rule, std::string_view text, std::string& out) {
  out = trimmed(text);
  if (lower(out) == "localhost") {
    out = "localhost";
    return {};
  }
  unsigned char address[sizeof(in6_addr)];
  if (inet_pton(AF_INET, out.c_str(), address) == 1 || inet_pton(AF_INET6, out.c_str(), address) == 1) return {};
  return "is not " + range_of(rule);
}

std::string parse(const directory&, std::string_view text, std::filesystem::path& out) {
  if (trimmed(text).empty()) return "is empty";
  if (has_control(text)) return "holds control characters";
  out = std::filesystem::path(std::string(text));
  return {};
}

std::string parse(const port_list&, std::string_view text, std::vector<std::uint16_t>& out) {
  out.clear();
  return parse_list(text, [&](std::string_view item) {
    std::uint64_t port = 0;
    auto problem = parse_range(ports, item, port);
    if (!problem.empty()) return "has the item " + in_quotes(item) + ", which " + problem;
    out.push_back(static_cast<std::uint16_t>(port));
    return problem;
  });
}

std::string parse(const origin_list&, std::string_view text, std::vector<std::string>& out) {
  out.clear();
  return parse_list(text, [&](std::string_view item) -> std::string {
    auto scheme = item.find("://");
    auto host = scheme == std::string_view::npos ? std::string_view() : item.substr(scheme + 3);
    if (scheme == 0 || host.empty() || host.find_first_of("/?#*@") != std::string_view::npos || !is_visible_ascii(item))
      return "has the item " + in_quotes(item) + ", which is not scheme://host or scheme://host:port";
    out.push_back(lower(item));
    return {};
  });
}

std::string parse(const host_list&, std::string_view text, std::vector<std::string>& out) {
  out.clear();
  return parse_list(text, [&](std::string_view item) -> std::string {
    unsigned char address[sizeof(in6_addr)];
    bool is_ip6 = inet_pton(AF_INET6, std::string(item).c_str(), address) == 1;
    if (!is_ip6 && (item.find_first_of(":/?#*@") != std::string_view::npos || !is_visible_ascii(item)))
      return "has the item " + in_quotes(item) + ", which is not a host name or address without a port";
    out.push_back(lower(item));
    return {};
  });
}

std::string parse(const port_object&, std::string_view text, std::map<std::string, std::uint16_t>& out) {
  out.clear();
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(text.data(), text.size()).get(document)) return "is not valid JSON";
  simdjson::dom::object object;
  if (document.get(object)) return "is not a JSON object";
  for (auto [name, value] : object) {
    std::uint64_t port = 0;
    if (value.get(port) || port < 1 || port > 65535)
      return "has the member " + in_quotes(name) + ", which is not a port in 1..65535";
    if (name.empty() || !out.emplace(std::string(name), static_cast<std::uint16_t>(port)).second)
      return "has the member " + in_quotes(name) + ", which is empty or there twice";
  }
  return {};
}

}  // namespace troupe::config
