#include "models/offline_character.hpp"

#include "models/offline_answer.hpp"
#include "models/sentences.hpp"
#include "models/words.hpp"

#include <algorithm>
#include <array>

namespace troupe::models {
namespace {

constexpr float surely_related = 0.2f;
constexpr std::size_t longest_quote = 200;

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return result;
}

std::string without_stop(std::string_view text) {
  text = trimmed(text);
  while (!text.empty() && (text.back() == '.' || text.back() == '!' || text.back() == ' ')) text.remove_suffix(1);
  return std::string(text);
}

std::string quoted(std::string_view text) {
  return "“" + without_stop(text) + "”";
}

/// Of "occupation: toy mender; location: a shop": what stands behind a key.
std::string about(const offline_role& role, std::string_view key) {
  for (const std::string& part : role.parts("about you"))
    if (part.size() > key.size() + 2 && part.starts_with(key) && part[key.size()] == ':')
      return std::string(trimmed(std::string_view(part).substr(key.size() + 1)));
  return {};
}

bool says(std::string_view phrases, std::initializer_list<std::string_view> list) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view phrase) {
    return phrases.find(" " + std::string(phrase) + " ") != phrases.npos;
  });
}

bool asks(std::string_view text, const std::vector<std::string>& words) {
  if (text.find('?') != text.npos) return true;
  constexpr std::array first = {"what", "who",  "where", "when", "why", "how", "which",
                                "do",   "does", "did",   "can",  "is",  "are"};
  return !words.empty() && std::find(first.begin(), first.end(), words[0]) != first.end();
}

class actor_of_a_role {
 public:
  actor_of_a_role(const model_request& request, const offline_role& role)
      : request_(request), role_(role), said_(trimmed(request.messages.back().text)), words_(split_words(said_)) {
    for (const std::string& word : words_) phrases_ += word + " ";
    turn_ = request.messages.size() / 2 + said_.size();
  }

  std::string answer() const {
    if (words_.empty())
      return pick({"Take your time.", "I am listening.", "You are quiet today."}) + " " + invitation();
    if (auto text = about_itself(); !text.empty()) return text;
    if (is_greeting()) return greeting();
    if (words_.size() <= 6 && says(phrases_, {"thanks", "thank you"}))
      return pick({"Gladly.", "You are welcome.", "Any time."});
    if (words_.size() <= 6 && says(phrases_, {"bye", "goodbye", "good night", "see you"}))
      return pick({"Until next time.", "Goodbye, and come back.", "Take care."});
    if (asks(said_, words_)) return question();
    return statement();
  }

 private:
  /// One of them, the same for the same request.
  std::string pick(std::initializer_list<std::string_view> list) const {
    return std::string(list.begin()[turn_ % list.size()]);
  }

  std::string one_of(const std::vector<std::string>& list) const {
    return list.empty() ? std::string() : list[turn_ % list.size()];
  }

  std::string mood() const {
    const auto line = role_.line("mood");
    return std::string(line.substr(0, line.find(' ')));
  }

  /// A word ahead of the answer, as the mood has it.
  std::string opening() const {
    const auto word = mood();
    if (word == "happy" || word == "excited") return pick({"Ha! ", "Lovely. ", "Oh, good. "});
    if (word == "sad" || word == "tired") return pick({"Well. ", "Ah. ", "Yes... "});
    if (word == "anxious" || word == "stressed") return pick({"Right. ", "Quickly, then. ", "Hm. "});
    return pick({"I see. ", "Mm. ", "All right. "});
  }

  std::string invitation() const {
    const auto topic = one_of(role_.parts("likes to talk about"));
    if (topic.empty()) return "What is on your mind?";
    switch (turn_ % 3) {
      case 0: return "Shall we talk about " + topic + "?";
      case 1: return "Ask me about " + topic + ".";
      default: return "What do you think of " + topic + "?";
    }
  }

  std::string greeting() const {
    const auto line = role_.line("greeting");
    return (line.empty() ? "Hello. I am " + role_.name + "." : std::string(line)) + " " + invitation();
  }

  bool is_greeting() const {
    return words_.size() <= 5
           && says(phrases_, {"hi", "hello", "hey", "greetings", "good morning", "good evening", "good day"});
  }

  std::string who() const {
    std::string text = "I am " + role_.name;
    if (const auto work = about(role_, "occupation"); !work.empty()) text += ", " + work;
    text += ".";
    if (const auto place = about(role_, "location"); !place.empty()) text += " You find me here: " + place + ".";
    if (const auto likes = about(role_, "interests"); !likes.empty()) text += " What I like: " + likes + ".";
    return text;
  }

  std::string about_itself() const {
    if (says(phrases_,
             {"who are you", "what is your name", "what's your name", "introduce yourself", "about yourself"}))
      return who();
    if (says(phrases_, {"how are you", "how do you feel", "are you well", "are you ok"})) {
      const auto word = mood();
      return "I feel " + (word.empty() ? std::string("much as always") : word) + " just now. And you?";
    }
    const auto told = [](std::string_view before, const std::string& what) {
      return what.empty() ? std::string() : std::string(before) + what + ".";
    };
    if (says(phrases_, {"where do you live", "where are you", "where are you from"}))
      return told("Here: ", about(role_, "location"));
    if (says(phrases_, {"what do you do", "your work", "your job", "for a living"}))
      return told("My work: ", about(role_, "occupation"));
    if (says(phrases_, {"how old are you", "your age"})) return told("My age? ", about(role_, "age"));
    if (says(phrases_, {"what do you like", "do you enjoy", "your hobbies", "your interests"}))
      return told("What I like: ", about(role_, "interests"));
    if (says(phrases_, {"what do you want", "your goal", "your goals", "your plans", "your dream"})) {
      for (const std::string& goal : role_.parts("goals"))
        if (goal.find("(you keep this to yourself)") == goal.npos)
          return "There is one thing I am after: " + goal + ".";
    }
    if (says(phrases_, {"do you believe in", "your values", "matters to you", "important to you"}))
      return told("What matters to me: ", one_of(role_.parts("values")));
    return {};
  }

  struct find {
    float relation = 0;
    std::string text;
  };

  void consider(find& best, const std::vector<std::string>& asked, std::string_view text) const {
    for (const std::string& sentence : split_sentences(text)) {
      if (sentence.size() > longest_quote || asks(sentence, split_words(sentence))) continue;
      if (const float relation = overlap(asked, sentence); relation > best.relation) best = {relation, sentence};
    }
  }

  std::string question() const {
    const auto asked = content_words(said_);
    find best;
    for (std::size_t i = 0; i + 1 < request_.messages.size(); ++i)
      if (request_.messages[i].role == chat_role::user) consider(best, asked, request_.messages[i].text);
    for (const auto& hit : request_.memories) consider(best, asked, words_of_user(hit.record.text));
    for (const auto& text : role_.recalled) consider(best, asked, words_of_user(text));
    if (best.relation >= surely_related)
      return opening() + pick({"You told me: ", "I have not forgotten: ", "Your own words: "}) + quoted(best.text)
             + ".";
    find own;
    for (const auto label : {"backstory", "expertise", "experiences that formed you"})
      consider(own, asked, role_.line(label));
    if (own.relation >= surely_related) return opening() + "All I can say of that: " + without_stop(own.text) + ".";
    return pick({"That I cannot tell you. ", "I would have to guess, and I would rather not. ", "I do not know. "})
           + invitation();
  }

  /// Of an experience ("User said: "..." NAME answered: "..."") the user's part.
  std::string words_of_user(std::string_view text) const {
    constexpr std::string_view before = "User said: \"";
    const auto begin = text.find(before);
    if (begin == text.npos) return std::string(text);
    const auto from = begin + before.size();
    return std::string(text.substr(from, text.find("\" " + role_.name + " answered: ", from) - from));
  }

  std::string statement() const {
    if (said_.size() > longest_quote) {
      const auto keys = key_words(said_, 2);
      if (keys.empty()) return opening() + "That is a lot at once. " + invitation();
      return opening() + "That is a lot at once; what stays with me is " + quoted(keys[0]) + ". " + invitation();
    }
    return opening() + quoted(said_)
           + pick({": I will keep that in mind. ", ", you say. I shall remember. ", ". Good to know. "}) + invitation();
  }

  const model_request& request_;
  const offline_role& role_;
  std::string_view said_;
  std::vector<std::string> words_;
  std::string phrases_ = " ";
  std::size_t turn_ = 0;
};

}  // namespace

std::string_view offline_role::line(std::string_view label) const {
  const auto found = lines.find(label);
  return found == lines.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<std::string> offline_role::parts(std::string_view label) const {
  std::vector<std::string> all;
  for (auto rest = line(label); !rest.empty();) {
    const auto end = std::min(rest.find(';'), rest.size());
    if (const auto part = trimmed(rest.substr(0, end)); !part.empty()) all.emplace_back(part);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

std::optional<offline_role> read_role(std::string_view system) {
  if (system.find("stay in character") == system.npos) return std::nullopt;
  offline_role role;
  role.name = read_persona(system).name;
  if (role.name.empty()) return std::nullopt;
  for (std::size_t begin = 0; begin < system.size();) {
    const auto end = std::min(system.find('\n', begin), system.size());
    const auto line = trimmed(system.substr(begin, end - begin));
    begin = end + 1;
    if (line.starts_with("- ")) {
      role.recalled.emplace_back(trimmed(line.substr(2)));
    } else if (const auto colon = line.find(": "); colon != line.npos && colon < 40) {
      role.lines.emplace(lowered(line.substr(0, colon)), trimmed(line.substr(colon + 2)));
    }
  }
  return role;
}

std::string role_answer(const model_request& request, const offline_role& role) {
  return actor_of_a_role(request, role).answer();
}

}  // namespace troupe::models
