#pragma once

/// \file
/// The kinds of setting values. A rule is a small constant that names the C++
/// type of a value and knows four things about it: how to read it from text,
/// how to say what is allowed, and how to print it as text and as JSON.
///
/// `parse` returns the empty string, or what is wrong as the end of the
/// sentence that begins with name and value: "is not in 1..65535". On a
/// problem the value is unspecified.
///
/// Thread safety: constants and pure functions. Source: DESIGN §2, §9.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::config {

enum class log_level : std::uint8_t { trace, debug, info, warn, error };
enum class log_format : std::uint8_t { text, json };
/// Whether dialects without credentials ask for an access token: `automatic`
/// means bound to anything but loopback (DESIGN §9).
enum class auth_mode : std::uint8_t { automatic, on, off };
/// Whose default ports, paths and error bodies are taken over.
enum class likeness : std::uint8_t { none, luna, character };

// The names of an enumeration's values, in their order.
constexpr auto names_of(log_level) {
  return std::array<std::string_view, 5>{"trace", "debug", "info", "warn", "error"};
}
constexpr auto names_of(log_format) {
  return std::array<std::string_view, 2>{"text", "json"};
}
constexpr auto names_of(auth_mode) {
  return std::array<std::string_view, 3>{"auto", "on", "off"};
}
constexpr auto names_of(likeness) {
  return std::array<std::string_view, 3>{"none", "luna", "character"};
}

template <class Enum>
constexpr std::string_view name_of(Enum value) {
  return names_of(Enum{})[static_cast<std::size_t>(value)];
}

/// What every rule has in common; a rule of secrets overrides it.
struct plain {
  static constexpr bool secret = false;
};

/// A whole number.
struct whole_number : plain {
  using value_type = std::size_t;
  constexpr whole_number(std::uint64_t low, std::uint64_t high) : low(low), high(high) {}
  std::uint64_t low, high;
};

/// A port number; 0 lets the system choose.
struct port_number : plain {
  using value_type = std::uint16_t;
};

/// A time in milliseconds.
struct milliseconds : plain {
  using value_type = std::chrono::milliseconds;
  constexpr milliseconds(std::uint64_t low, std::uint64_t high) : low(low), high(high) {}
  std::uint64_t low, high;
};

/// A size in bytes; KiB, MiB and GiB may follow the number.
struct byte_size : plain {
  using value_type = std::size_t;
  constexpr byte_size(std::uint64_t low, std::uint64_t high) : low(low), high(high) {}
  std::uint64_t low, high;
};

/// 1/true/yes/on, or 0/false/no/off and nothing at all.
struct on_off : plain {
  using value_type = bool;
};

/// One of an enumeration's names.
template <class Enum>
struct one_of : plain {
  using value_type = Enum;
};

/// One line of text.
struct one_line : plain {
  using value_type = std::string;
};

/// One line of text, or nothing, which means unset.
struct optional_line : plain {
  using value_type = std::string;
};

/// Where a server's HTTP interface begins, without a slash at the end; or
/// nothing, which means unset. No user name: it would end up in logs.
struct base_url : plain {
  using value_type = std::string;
};

/// A key or token: visible ASCII, since it travels in headers and URLs.
struct secret_token {
  static constexpr bool secret = true;
  using value_type = std::string;
};

/// Comma-separated name=value: headers of a request, with %XX for a comma, a
/// space and what is not ASCII in a value.
struct header_list {
  static constexpr bool secret = true;
  using value_type = std::map<std::string, std::string>;
};

/// An IPv4 or IPv6 address, or `localhost` for every loopback address.
struct ip_address : plain {
  using value_type = std::string;
};

/// A directory's path, which need not exist.
struct directory : plain {
  using value_type = std::filesystem::path;
};

/// Comma-separated ports.
struct port_list : plain {
  using value_type = std::vector<std::uint16_t>;
};

/// Comma-separated origins as browsers send them: scheme://host[:port].
struct origin_list : plain {
  using value_type = std::vector<std::string>;
};

/// Comma-separated host names without scheme, port and path.
struct host_list : plain {
  using value_type = std::vector<std::string>;
};

/// A JSON object from names to ports.
struct port_object : plain {
  using value_type = std::map<std::string, std::uint16_t>;
};

/// \name Read from text
/// \{
std::string parse(const whole_number& rule, std::string_view text, std::size_t& out);
std::string parse(const port_number& rule, std::string_view text, std::uint16_t& out);
std::string parse(const milliseconds& rule, std::string_view text, std::chrono::milliseconds& out);
std::string parse(const byte_size& rule, std::string_view text, std::size_t& out);
std::string parse(const on_off& rule, std::string_view text, bool& out);
std::string parse(const one_of<log_level>& rule, std::string_view text, log_level& out);
std::string parse(const one_of<log_format>& rule, std::string_view text, log_format& out);
std::string parse(const one_of<auth_mode>& rule, std::string_view text, auth_mode& out);
std::string parse(const one_of<likeness>& rule, std::string_view text, likeness& out);
std::string parse(const one_line& rule, std::string_view text, std::string& out);
std::string parse(const optional_line& rule, std::string_view text, std::string& out);
std::string parse(const base_url& rule, std::string_view text, std::string& out);
std::string parse(const secret_token& rule, std::string_view text, std::string& out);
std::string parse(const header_list& rule, std::string_view text, std::map<std::string, std::string>& out);
std::string parse(const ip_address& rule, std::string_view text, std::string& out);
std::string parse(const directory& rule, std::string_view text, std::filesystem::path& out);
std::string parse(const port_list& rule, std::string_view text, std::vector<std::uint16_t>& out);
std::string parse(const origin_list& rule, std::string_view text, std::vector<std::string>& out);
std::string parse(const host_list& rule, std::string_view text, std::vector<std::string>& out);
std::string parse(const port_object& rule, std::string_view text, std::map<std::string, std::uint16_t>& out);
/// \}

/// \name What is allowed, for people ("1..65535", "auto, on, off")
/// \{
std::string range_of(const whole_number& rule);
std::string range_of(const port_number& rule);
std::string range_of(const milliseconds& rule);
std::string range_of(const byte_size& rule);
std::string range_of(const on_off& rule);
std::string range_of(const one_of<log_level>& rule);
std::string range_of(const one_of<log_format>& rule);
std::string range_of(const one_of<auth_mode>& rule);
std::string range_of(const one_of<likeness>& rule);
std::string range_of(const one_line& rule);
std::string range_of(const optional_line& rule);
std::string range_of(const base_url& rule);
std::string range_of(const secret_token& rule);
std::string range_of(const header_list& rule);
std::string range_of(const ip_address& rule);
std::string range_of(const directory& rule);
std::string range_of(const port_list& rule);
std::string range_of(const origin_list& rule);
std::string range_of(const host_list& rule);
std::string range_of(const port_object& rule);
/// \}

/// \name Print: a value as it could be written in a file, and as JSON
/// Secrets must be masked by the caller.
/// \{
std::string text_of(const whole_number& rule, std::size_t value);
std::string text_of(const port_number& rule, std::uint16_t value);
std::string text_of(const milliseconds& rule, std::chrono::milliseconds value);
std::string text_of(const byte_size& rule, std::size_t value);
std::string text_of(const on_off& rule, bool value);
template <class Enum>
std::string text_of(const one_of<Enum>&, Enum value) {
  return std::string(name_of(value));
}
std::string text_of(const one_line& rule, const std::string& value);
std::string text_of(const optional_line& rule, const std::string& value);
std::string text_of(const base_url& rule, const std::string& value);
std::string text_of(const secret_token& rule, const std::string& value);
std::string text_of(const header_list& rule, const std::map<std::string, std::string>& value);
std::string text_of(const ip_address& rule, const std::string& value);
std::string text_of(const directory& rule, const std::filesystem::path& value);
std::string text_of(const port_list& rule, const std::vector<std::uint16_t>& value);
std::string text_of(const origin_list& rule, const std::vector<std::string>& value);
std::string text_of(const host_list& rule, const std::vector<std::string>& value);
std::string text_of(const port_object& rule, const std::map<std::string, std::uint16_t>& value);

std::string json_of(std::uint64_t value);
std::string json_of(std::uint16_t value);
std::string json_of(std::chrono::milliseconds value);
std::string json_of(bool value);
std::string json_of(const std::string& value);
std::string json_of(const std::filesystem::path& value);
std::string json_of(const std::vector<std::uint16_t>& value);
std::string json_of(const std::vector<std::string>& value);
std::string json_of(const std::map<std::string, std::uint16_t>& value);
std::string json_of(const std::map<std::string, std::string>& value);
template <class Enum>
requires std::is_enum_v<Enum> std::string json_of(Enum value) {
  return json_of(std::string(name_of(value)));
}
/// \}

}  // namespace troupe::config
