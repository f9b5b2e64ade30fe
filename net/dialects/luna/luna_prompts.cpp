#include "net/dialects/luna/luna_prompts.hpp"

#include "config/quote.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>

namespace troupe::luna {
namespace {

constexpr std::size_t query_limit = 2000;  // bytes; more says nothing more about what is asked

std::string cut(std::string_view text) {
  return std::string(config::shortened(text, query_limit));
}

bool asks_to_remember(std::string_view text) {
  std::string lower(text.substr(0, 200));
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower.find("remember") != lower.npos || lower.find("keep in mind") != lower.npos;
}

const char* role_line(std::string_view action) {
  if (action == "explain") return "Act as an explainer.";
  if (action == "rewrite") return "Act as a rewriter.";
  return "Act as a conversation partner.";
}

}  // namespace

std::string system_instruction(const std::vector<memory_note>& memories) {
  std::string out =
      "You are Luna, a warm and attentive assistant on the user's desktop. Answer briefly and plainly, in the "
      "user's language. Use what you remember about the user where it helps, and do not invent memories.";
  if (memories.empty()) return out;
  out += "\n\nWhat is known about the user\nThese notes come from earlier interactions, each with its confidence:";
  for (auto& note : memories) {
    char confidence[32];
    std::snprintf(confidence, sizeof confidence, "%.2f", note.confidence);
    out += "\n- " + note.text + " (confidence " + confidence + ")";
  }
  out += "\nUse them to make your answers fit the user.";
  return out;
}

std::string user_prompt(const text_request& request) {
  const bool newer = request.form == text_form::newer_start;
  std::string out;
  if (newer) out = std::string(role_line(request.action)) + "\n\n";
  if (request.form == text_form::newer_text) {
    out += request.text;
  } else if (request.action == "explain") {
    out += "Explain the following text clearly and briefly.\n\nText:\n" + request.text;
  } else if (request.action == "rewrite") {
    out += "Rewrite the following text so that it is clearer and better polished.";
    if (newer && !request.question.empty()) out += " Instruction: " + request.question;
    out += "\n\nText:\n" + request.text;
  } else {
    out += request.question.empty() ? "What can be said about this?" : request.question;
    if (!request.text.empty()) out += "\n\nHighlighted context:\n" + request.text;
  }
  return out;
}

std::string recall_query(const text_request& request) {
  const bool chat = request.action == "chat";
  return cut(chat && !request.question.empty() ? request.question : request.text);
}

std::string teaching(const text_request& request) {
  if (request.form == text_form::newer_text) return request.text;
  if (request.action != "chat") return {};
  if (request.question.empty()) return request.text;
  if (asks_to_remember(request.question)) return request.question + "\n" + request.text;
  return request.question;
}

}  // namespace troupe::luna
