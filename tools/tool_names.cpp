#include "tools/tool_names.hpp"

#include <cstdint>

namespace troupe::tools {
namespace {

bool is_allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

std::string eight_digits(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 28; shift >= 0; shift -= 4) out += digits[(hash >> shift) & 15];
  return out;
}

}  // namespace

std::string valid_tool_name(std::string_view name) {
  std::string out(name.empty() ? std::string_view("_") : name);
  for (char& c : out)
    if (!is_allowed(c)) c = '_';
  if (out.size() > longest_tool_name) out = out.substr(0, longest_tool_name - 9) + "_" + eight_digits(name);
  return out;
}

std::string unique_names::add(std::string_view wanted) {
  const auto base = valid_tool_name(wanted);
  auto name = base;
  for (int number = 2; !taken_.insert(name).second; ++number) {
    const auto suffix = "_" + std::to_string(number);
    name = base.substr(0, longest_tool_name - suffix.size()) + suffix;
  }
  return name;
}

}  // namespace troupe::tools
