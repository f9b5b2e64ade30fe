#include "config/toml_file.hpp"

#include "config/mcp_toml.hpp"
#include "config/nearest_name.hpp"
#include "config/quote.hpp"
#include "config/settings.hpp"

#include <toml++/toml.h>

#include <charconv>
#include <optional>

namespace troupe::config {
namespace {

std::optional<std::string> scalar_text(const toml::node& node) {
  if (auto text = node.as_string()) return text->get();
  if (auto number = node.as_integer()) return std::to_string(number->get());
  if (auto flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (auto number = node.as_floating_point()) {
    char digits[64];
    auto end = std::to_chars(digits, digits + sizeof digits, number->get()).ptr;
    return std::string(digits, end);
  }
  return std::nullopt;
}

std::optional<std::string> list_text(const toml::array& items) {
  std::string out;
  for (const auto& item : items) {
    auto text = scalar_text(item);
    if (!text) return std::nullopt;
    if (!out.empty()) out += ',';
    out += *text;
  }
  return out;
}

const setting_info* setting_of_key(std::string_view key) {
  for (const auto& info : all_settings())
    if (info.toml_key() == key) return &info;
  return nullptr;
}

std::string unknown_key(std::string_view key) {
  std::vector<std::string> keys;
  for (const auto& info : all_settings()) keys.push_back(info.toml_key());
  auto nearest = nearest_name(key, keys);
  std::string text = "unknown setting " + in_quotes(key);
  if (!nearest.empty()) text += ", did you mean '" + std::string(nearest) + "'?";
  return text;
}

void read_entry(std::string_view key, const toml::node& node, const std::string& place, given_values& out) {
  auto info = setting_of_key(key);
  if (!info) {
    out.problems.push_back(place + ": " + unknown_key(key));
    return;
  }
  auto text = node.is_array() ? list_text(*node.as_array()) : scalar_text(node);
  if (text)
    out.by_name[std::string(info->name)] = {std::move(*text), place};
  else
    out.problems.push_back(place + ": " + std::string(key) + " is no text, number, boolean or list of those");
}

}  // namespace

void read_toml(std::string_view text, const std::string& file, given_values& out) {
  try {
    auto table = toml::parse(text);
    for (const auto& [key, node] : table) {
      if (key.str() == "mcp")
        read_mcp_table(node, file, out);
      else
        read_entry(key.str(), node, file + ":" + std::to_string(node.source().begin.line), out);
    }
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    out.problems.push_back(file + ":" + std::to_string(at.line) + ": no valid TOML at column "
                           + std::to_string(at.column) + " (text goes in double quotes, a key stands once)");
  }
}

}  // namespace troupe::config
