#pragma once

/// \file
/// What all model providers are told alike: the system instruction with the
/// recalled memories, and a conversation that keeps the rules providers insist on.
///
/// Thread safety: pure. Cost: one copy of the conversation's text.
/// Source: DESIGN §4.4, §8; contracts/luna.md §10.2.

#include "runtime/messages/model.hpp"

#include <string>
#include <vector>

namespace troupe::models {

/// The persona, then a section with one bullet for each memory, if there are
/// any. A memory is always one line, so that none can pass for a section.
std::string system_text(const model_request& request);

/// The conversation such that
/// - no message is empty,
/// - no user's message follows another (they are joined), nor a model's plain
///   text another,
/// - every call of a model has one result right after it, in the order of the
///   calls (a call that was never answered gets an error result), and every
///   result its call.
std::vector<chat_message> tidy_history(const std::vector<chat_message>& messages);

/// Error, if the request has nothing for a model to answer.
failure check_request(const model_request& request);

/// A result as text, for providers without a field for errors.
std::string result_text(const tool_result& result);

/// What stands for media that a provider does not take.
std::string left_out(const media_part& media);

inline bool is_image(const media_part& media) {
  return media.mime_type.starts_with("image/");
}

}  // namespace troupe::models
