#include "tools/mcp/mirrored_headers.hpp"

#include <algorithm>
#include <set>

namespace troupe::mcp {
namespace {

using namespace troupe::tools;

constexpr int depth_limit = 16;
constexpr std::string_view mark = "x-mcp-header";
constexpr std::int64_t largest_safe = (std::int64_t{1} << 53) - 1;

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || others.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Whether the mark stands anywhere in here, however deep.
bool is_marked(json_element of, int depth) {
  json_object object;
  json_array array;
  if (depth > 64) return true;
  if (!of.get(object)) {
    for (auto [key, value] : object)
      if (key == mark || is_marked(value, depth + 1)) return true;
  } else if (!of.get(array)) {
    for (auto each : array)
      if (is_marked(each, depth + 1)) return true;
  }
  return false;
}

struct collector {
  std::vector<mirrored_parameter> found;
  std::set<std::string> names;
  std::string problem;

  void note(json_element schema, const std::vector<std::string>& path) {
    const auto header = text_member(schema, mark);
    const auto type = text_member(schema, "type").value_or("");
    if (!header || !is_token(*header))
      problem = "x-mcp-header must be the name of an HTTP header";
    else if (type != "string" && type != "integer" && type != "boolean")
      problem = "x-mcp-header may only stand at a string, an integer or a boolean";
    else if (!names.insert(lower(*header)).second)
      problem = "x-mcp-header names one header twice";
    else
      found.push_back({"Mcp-Param-" + std::string(*header), path});
  }

  void walk(json_element schema, std::vector<std::string>& path) {
    json_object object;
    if (!problem.empty() || schema.get(object)) return;
    if (path.size() > depth_limit) problem = "the schema is nested too deeply";
    for (auto [key, value] : object) {
      if (key == mark) {
        note(schema, path);
      } else if (json_object properties; key == "properties" && !value.get(properties)) {
        for (auto [name, each] : properties) {
          path.emplace_back(name);
          walk(each, path);
          path.pop_back();
        }
      } else if (key != "default" && key != "examples" && key != "const" && key != "enum" && is_marked(value, 0)) {
        problem = "x-mcp-header may only stand at properties";
      }
      if (!problem.empty()) return;
    }
  }
};

std::string base64(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const auto count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= count ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace

expected<std::vector<mirrored_parameter>> mirrored_parameters(json_element schema) {
  collector all;
  std::vector<std::string> path;
  all.walk(schema, path);
  if (!all.problem.empty()) return failure{failure_kind::invalid, all.problem};
  return std::move(all.found);
}

http_headers mirrored_headers(const std::vector<mirrored_parameter>& parameters, json_element arguments) {
  http_headers out;
  for (auto& each : parameters) {
    std::optional<json_element> value = arguments;
    for (auto& key : each.path)
      if (value) value = member(*value, key);
    if (!value || value->is_null()) continue;
    std::string_view text;
    std::int64_t number = 0;
    if (!value->get(text))
      out.emplace_back(each.header, header_text(text));
    else if (value->is_bool())
      out.emplace_back(each.header, json_text(*value));
    else if (!value->get(number) && number >= -largest_safe && number <= largest_safe)
      out.emplace_back(each.header, std::to_string(number));
  }
  return out;
}

std::string header_text(std::string_view value) {
  const bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
  const bool padded = !value.empty() && (value.front() == ' ' || value.back() == ' ');
  const bool looks_encoded = value.starts_with("=?base64?") && value.ends_with("?=");
  if (plain && !padded && !looks_encoded) return std::string(value);
  return "=?base64?" + base64(value) + "?=";
}

}  // namespace troupe::mcp
