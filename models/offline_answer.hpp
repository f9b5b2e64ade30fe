#pragma once

/// \file
/// What the offline agent says (DESIGN §8): deterministic, and honest about
/// being a small program without a language model.
///
/// It acknowledges what it is told, answers questions by quoting memories, the
/// highlighted text or the conversation, greets as its persona would, tidies
/// text it is asked to rewrite and describes text it is asked to explain.
///
/// The last message decides. "Explain ...", "Rewrite ..." followed by a line
/// "Text:" and the text are Luna's text actions (contract 7.1); a question
/// followed by a line "Highlighted context:" is its chat action. Anything else
/// is talk, also a text about which nothing was asked. A role line ("Act as a
/// conversation partner.") before it is not the user's and is passed over.
///
/// Thread safety: pure. REQUIRES: the last message is the user's.
/// Cost: a few passes over the request's text.

#include "runtime/messages/model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::models {

std::string offline_answer(const model_request& request);

/// A request's last message, taken apart.
struct offline_prompt {
  enum class kind : std::uint8_t { talk, explain, rewrite, chat };
  kind what = kind::talk;
  std::string question;  ///< the user's words, or the instruction
  std::string text;      ///< to explain, rewrite or talk about
};
offline_prompt read_prompt(std::string_view message);

/// What the system instruction says about the persona, as far as it is plain:
/// "You are NAME", a line "Greeting: ...", words of manner, memories as bullets.
struct offline_persona {
  std::string name;      ///< may be empty
  std::string greeting;  ///< may be empty
  enum class manner : std::uint8_t { plain, cheerful, formal };
  manner style = manner::plain;
  std::vector<std::string> memories;
};
offline_persona read_persona(std::string_view system);

}  // namespace troupe::models
