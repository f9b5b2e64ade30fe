#include "models/provider_prompt.hpp"

#include "models/provider_json.hpp"

#include <algorithm>

namespace troupe::models {
namespace {

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

void join(std::string& text, const std::string& more) {
  if (!text.empty() && !more.empty()) text += "\n\n";
  text += more;
}

bool is_empty(const chat_message& message) {
  return message.text.empty() && message.media.empty() && message.calls.empty() && message.results.empty()
         && message.opaque.empty();
}

bool is_plain(const chat_message& message) {
  return message.calls.empty() && message.opaque.empty();
}

/// The results of one model message's calls, from the tool messages after it.
chat_message answers_of(const std::vector<tool_call>& calls, const std::vector<tool_result>& given) {
  chat_message message;
  message.role = chat_role::tool;
  for (const auto& call : calls) {
    const auto found = std::find_if(given.begin(), given.end(), [&](const auto& each) { return each.id == call.id; });
    if (found == given.end()) {
      message.results.push_back({call.id, call.name, "no result: the call was broken off", true});
      continue;
    }
    message.results.push_back(*found);
    message.results.back().name = call.name;
  }
  return message;
}

}  // namespace

std::string system_text(const model_request& request) {
  std::string text = valid_utf8(request.system);
  std::string list;
  for (const auto& hit : request.memories)
    if (const auto line = one_line(valid_utf8(hit.record.text)); !line.empty()) list += "\n- " + line;
  if (!list.empty())
    join(text,
         "What you remember from earlier conversations, best match first. Use what helps to answer; it may be "
         "out of date:"
             + list);
  return text;
}

std::vector<chat_message> tidy_history(const std::vector<chat_message>& messages) {
  std::vector<chat_message> out;
  for (std::size_t i = 0; i < messages.size();) {
    const auto& message = messages[i++];
    if (message.role == chat_role::tool || is_empty(message)) continue;  // results are taken with their calls
    const bool joins = !out.empty() && out.back().role == message.role && is_plain(out.back())
                       && (message.role == chat_role::user || message.opaque.empty());
    if (joins) {
      join(out.back().text, message.text);
      out.back().media.insert(out.back().media.end(), message.media.begin(), message.media.end());
      out.back().calls = message.calls;
    } else {
      out.push_back(message);
    }
    if (message.role != chat_role::model || message.calls.empty()) continue;
    std::vector<tool_result> given;
    for (; i < messages.size() && messages[i].role == chat_role::tool; ++i)
      given.insert(given.end(), messages[i].results.begin(), messages[i].results.end());
    out.push_back(answers_of(message.calls, given));
  }
  return out;
}

failure check_request(const model_request& request) {
  if (request.messages.empty() || request.messages.back().role == chat_role::model)
    return {failure_kind::invalid, "messages: the last one must be the user's or a tool's"};
  if (is_empty(request.messages.back())) return {failure_kind::invalid, "messages: the last one must not be empty"};
  return {};
}

std::string result_text(const tool_result& result) {
  const auto text = valid_utf8(result.content);
  return result.is_error ? "Error: " + text : text;
}

std::string left_out(const media_part& media) {
  return "[A file of type " + one_line(valid_utf8(media.mime_type)) + " was attached here; this model cannot read it.]";
}

}  // namespace troupe::models
