#include "tools/mcp/call_result.hpp"

namespace troupe::mcp {
namespace {

using namespace troupe::tools;

std::string size_of_base64(std::string_view data) {
  auto bytes = data.size() / 4 * 3;
  if (data.ends_with("==")) return std::to_string(bytes - 2) + " bytes";
  if (data.ends_with("=")) return std::to_string(bytes - 1) + " bytes";
  return std::to_string(bytes + (data.size() % 4) * 3 / 4) + " bytes";
}

std::string short_text(json_element of, std::string_view key, std::string_view otherwise) {
  return shortened(text_member(of, key).value_or(otherwise), 500);
}

std::string named(std::string_view what, json_element of, std::string_view data_key) {
  std::string out = "[" + std::string(what) + ", " + short_text(of, "mimeType", "unknown type");
  if (const auto data = text_member(of, data_key)) out += ", " + size_of_base64(*data);
  return out + "]";
}

/// Text of one part of `content`.
std::string part(json_element of) {
  const auto type = text_member(of, "type").value_or("");
  if (type == "text") return std::string(text_member(of, "text").value_or(""));
  if (type == "image" || type == "audio") return named(type, of, "data");
  if (type == "resource_link")
    return "[link to " + short_text(of, "uri", "?") + ": " + short_text(of, "name", "no name") + "]";
  if (type == "resource") {
    const auto resource = member(of, "resource");
    if (!resource) return "[resource without contents]";
    const auto uri = short_text(*resource, "uri", "?");
    if (const auto text = text_member(*resource, "text")) return "[resource " + uri + "]\n" + std::string(*text);
    return named("resource " + uri, *resource, "blob");
  }
  return "[a part of type " + shortened(type.empty() ? "unknown" : type, 60) + " that cannot be shown]";
}

void cut(std::string& text, std::size_t limit) {
  if (text.size() <= limit) return;
  text = shortened(text, limit) + "\n[the rest was cut off]";
}

}  // namespace

call_text read_call_result(json_element result, std::size_t limit) {
  call_text made;
  made.is_error = true_member(result, "isError");
  bool has_text = false;
  if (const auto content = array_member(result, "content"))
    for (auto each : *content) {
      has_text = has_text || text_member(each, "type") == "text";
      auto text = part(each);
      if (text.empty()) continue;
      if (!made.content.empty()) made.content += '\n';
      made.content += text;
      if (made.content.size() > limit) break;
    }
  if (!has_text)
    if (const auto structured = member(result, "structuredContent"))
      made.content += (made.content.empty() ? "" : "\n") + json_text(*structured);
  if (made.content.empty()) made.content = made.is_error ? "the tool failed without saying why" : "(no output)";
  cut(made.content, limit);
  return made;
}

}  // namespace troupe::mcp
