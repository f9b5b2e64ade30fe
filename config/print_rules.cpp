#include "config/quote.hpp"
#include "config/rules.hpp"

namespace troupe::config {
namespace {

std::string range(std::uint64_t low, std::uint64_t high) {
  return std::to_string(low) + ".." + std::to_string(high);
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t k = 1024;
  if (bytes >= k * k * k && bytes % (k * k * k) == 0) return std::to_string(bytes / (k * k * k)) + "GiB";
  if (bytes >= k * k && bytes % (k * k) == 0) return std::to_string(bytes / (k * k)) + "MiB";
  if (bytes >= k && bytes % k == 0) return std::to_string(bytes / k) + "KiB";
  return std::to_string(bytes);
}

template <class Items, class Print>
std::string joined(const Items& items, std::string_view separator, Print print) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += separator;
    out += print(item);
  }
  return out;
}

template <class Enum>
std::string choices() {
  return joined(names_of(Enum{}), ", ", [](std::string_view name) { return std::string(name); });
}

std::string itself(const std::string& text) {
  return text;
}
std::string digits(std::uint64_t value) {
  return std::to_string(value);
}

}  // namespace

std::string range_of(const whole_number& rule) {
  return range(rule.low, rule.high);
}
std::string range_of(const port_number&) {
  return "0..65535";
}
std::string range_of(const milliseconds& rule) {
  return range(rule.low, rule.high);
}
std::string range_of(const byte_size& rule) {
  return size_text(rule.low) + ".." + size_text(rule.high);
}
std::string range_of(const on_off&) {
  return "1/true/yes/on, 0/false/no/off";
}
std::string range_of(const one_of<log_level>&) {
  return choices<log_level>();
}
std::string range_of(const one_of<log_format>&) {
  return choices<log_format>();
}
std::string range_of(const one_of<auth_mode>&) {
  return choices<auth_mode>();
}
std::string range_of(const one_of<likeness>&) {
  return choices<likeness>();
}
std::string range_of(const one_line&) {
  return "one line of at most 200 bytes";
}
std::string range_of(const optional_line&) {
  return range_of(one_line());
}
std::string range_of(const base_url&) {
  return "an http:// or https:// URL without user name, query and fragment";
}
std::string range_of(const secret_token&) {
  return "visible ASCII without spaces, at most 1000 characters";
}
std::string range_of(const header_list&) {
  return "comma-separated, each name=value, a value's comma as %2C";
}
std::string range_of(const ip_address&) {
  return "an IPv4 or IPv6 address or localhost";
}
std::string range_of(const directory&) {
  return "a path; ~/ is the home directory";
}
std::string range_of(const port_list&) {
  return "comma-separated ports, each 0..65535";
}
std::string range_of(const origin_list&) {
  return "comma-separated, each scheme://host or scheme://host:port";
}
std::string range_of(const host_list&) {
  return "comma-separated names or addresses without port";
}
std::string range_of(const port_object&) {
  return "JSON object from names to ports, each 1..65535";
}

std::string text_of(const whole_number&, std::size_t value) {
  return digits(value);
}
std::string text_of(const port_number&, std::uint16_t value) {
  return digits(value);
}
std::string text_of(const milliseconds&, std::chrono::milliseconds value) {
  return std::to_string(value.count());
}
std::string text_of(const byte_size&, std::size_t value) {
  return size_text(value);
}
std::string text_of(const on_off&, bool value) {
  return value ? "true" : "false";
}
std::string text_of(const one_line&, const std::string& value) {
  return value;
}
std::string text_of(const optional_line&, const std::string& value) {
  return value;
}
std::string text_of(const base_url&, const std::string& value) {
  return value;
}
std::string text_of(const secret_token&, const std::string& value) {
  return value;
}
std::string text_of(const header_list&, const std::map<std::string, std::string>& value) {
  std::string out;
  for (auto& [name, text] : value) out += (out.empty() ? "" : ",") + name + "=" + text;
  return out;
}
std::string text_of(const ip_address&, const std::string& value) {
  return value;
}
std::string text_of(const directory&, const std::filesystem::path& value) {
  return value.string();
}
std::string text_of(const port_list&, const std::vector<std::uint16_t>& value) {
  return joined(value, ",", digits);
}
std::string text_of(const origin_list&, const std::vector<std::string>& value) {
  return joined(value, ",", itself);
}
std::string text_of(const host_list&, const std::vector<std::string>& value) {
  return joined(value, ",", itself);
}
std::string text_of(const port_object&, const std::map<std::string, std::uint16_t>& value) {
  return json_of(value);
}

std::string json_of(std::uint64_t value) {
  return digits(value);
}
std::string json_of(std::uint16_t value) {
  return digits(value);
}
std::string json_of(std::chrono::milliseconds value) {
  return std::to_string(value.count());
}
std::string json_of(bool value) {
  return value ? "true" : "false";
}
std::string json_of(const std::string& value) {
  return json_string(value);
}
std::string json_of(const std::filesystem::path& value) {
  return json_string(value.string());
}
std::string json_of(const std::vector<std::uint16_t>& value) {
  return "[" + joined(value, ",", digits) + "]";
}
std::string json_of(const std::vector<std::string>& value) {
  return "[" + joined(value, ",", json_string) + "]";
}
std::string json_of(const std::map<std::string, std::string>& value) {
  return "{"
         + joined(value, ",",
                  [](const auto& entry) { return json_string(entry.first) + ":" + json_string(entry.second); })
         + "}";
}
std::string json_of(const std::map<std::string, std::uint16_t>& value) {
  return "{"
         + joined(value, ",", [](const auto& entry) { return json_string(entry.first) + ":" + digits(entry.second); })
         + "}";
}

}  // namespace troupe::config
