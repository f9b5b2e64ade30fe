#include "models/offline_tools.hpp"

#include <boost/json.hpp>

#include <cctype>
#include <set>

namespace troupe::models {
namespace {

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
}

/// Words as a tool's name may be written.
std::set<std::string, std::less<>> names_in(std::string_view text) {
  std::set<std::string, std::less<>> found;
  for (std::size_t i = 0; i < text.size();) {
    if (!is_name(text[i])) {
      ++i;
      continue;
    }
    const auto begin = i;
    while (i < text.size() && is_name(text[i])) ++i;
    found.emplace(text.substr(begin, i - begin));
  }
  return found;
}

std::string object_in(std::string_view text) {
  const auto begin = text.find('{');
  const auto end = text.rfind('}');
  if (begin == text.npos || end == text.npos || end < begin) return "{}";
  const auto candidate = text.substr(begin, end - begin + 1);
  boost::json::error_code code;
  const auto value = boost::json::parse({candidate.data(), candidate.size()}, code);
  return !code && value.is_object() ? boost::json::serialize(value) : "{}";
}

}  // namespace

std::optional<tool_call> asked_tool(const model_request& request) {
  if (request.tools.empty() || request.messages.empty()) return std::nullopt;
  const auto& last = request.messages.back();
  if (last.role != chat_role::user) return std::nullopt;
  const auto words = names_in(std::string_view(last.text).substr(0, last.text.find('{')));
  bool asks = false;
  for (const auto* verb : {"call", "Call", "use", "Use", "run", "Run", "invoke", "Invoke"})
    asks = asks || words.count(verb) != 0;
  if (!asks) return std::nullopt;
  for (auto& tool : request.tools)
    if (words.count(tool.name) != 0)
      return tool_call{"offline-" + std::to_string(request.messages.size()), tool.name, object_in(last.text), {}};
  return std::nullopt;
}

std::string tool_answer(const chat_message& results) {
  std::string out;
  for (auto& result : results.results) {
    if (!out.empty()) out += ' ';
    out += "The tool " + result.name + (result.is_error ? " failed: " : " answered: ") + result.content;
  }
  return out;
}

}  // namespace troupe::models
