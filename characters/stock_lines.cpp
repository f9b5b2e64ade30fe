#include "characters/json_parts.hpp"
#include "characters/reply_shaping.hpp"
#include "characters/texts.hpp"

#include <array>

namespace troupe::characters {
namespace {

using lines = std::array<std::string_view, 4>;

constexpr lines plain = {"I lost my thread just then. Could you say that again?",
                         "My thoughts wandered off. Let us try that once more.",
                         "I do not know how to answer that right now. Ask me again in a moment?",
                         "The words will not come just now. Stay with me a little."};
constexpr lines brief = {"Lost my thread. Say that again?", "My mind wandered. Once more?",
                         "I cannot say right now. Ask again.", "No words for it yet. Wait a little."};
constexpr lines courtly = {"Forgive me, I have lost my train of thought. Might I ask you to repeat that?",
                           "I beg your pardon, my thoughts were elsewhere. Shall we try once more?",
                           "I regret that I have no answer ready. Would you kindly ask me again in a moment?",
                           "Pardon me, the right words escape me at present. I ask for a little patience."};
constexpr lines lively = {"Oh! My head just went blank. Say that again for me?",
                          "Whoops, my thoughts ran off without me! One more time?",
                          "Hm, you have got me there! Ask me again in a moment?",
                          "Ha, it is on the tip of my tongue! Give me just a little while."};

const lines& voice_of(const definition& who) {
  const auto& style = object_at(who.config, "communication_style");
  const std::string formality = lowered(text_at(style, "formality_level"));
  if (text_at(style, "verbal_pattern") == "concise") return brief;
  if (formality == "formal" || formality == "very_formal" || formality == "high") return courtly;
  return who.big_five.extraversion > 0.7 ? lively : plain;
}

}  // namespace

std::string stock_line(const definition& who, std::string_view message) {
  return std::string(voice_of(who)[length_of(message) % 4]);
}

}  // namespace troupe::characters
