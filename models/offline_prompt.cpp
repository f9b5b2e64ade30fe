#include "models/offline_answer.hpp"
#include "models/words.hpp"

#include <algorithm>

namespace troupe::models {
namespace {

std::string lowered(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return result;
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(trimmed(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return lines;
}

/// Where the first line that is one of `labels` ends and where it begins.
struct label_place {
  std::size_t begin = std::string::npos;
  std::size_t end = std::string::npos;
};

label_place find_label(std::string_view lower_message, std::initializer_list<std::string_view> labels) {
  label_place first;
  for (std::string_view label : labels) {
    for (auto at = lower_message.find(label); at != std::string_view::npos; at = lower_message.find(label, at + 1)) {
      if (at != 0 && lower_message[at - 1] != '\n') continue;
      if (at < first.begin) first = {at, at + label.size()};
      break;
    }
  }
  return first;
}

/// "- likes trains (confidence 0.60)": the text alone.
std::string without_confidence(const std::string& bullet) {
  const auto open = bullet.rfind('(');
  if (open != std::string::npos && open > 0 && bullet.back() == ')'
      && lowered(bullet.substr(open)).find("confidence") != std::string::npos)
    return trimmed(bullet.substr(0, open));
  return bullet;
}

/// "You are Luna, ..." names; "You are a helper" does not.
std::string name_in(std::string_view system) {
  for (std::string_view phrase : {"You are ", "you are ", "Your name is ", "your name is ", "You're "}) {
    const auto at = system.find(phrase);
    if (at == std::string_view::npos) continue;
    std::string name;
    std::string_view rest = system.substr(at + phrase.size());
    while (!rest.empty() && rest[0] >= 'A' && rest[0] <= 'Z' && name.size() < 40) {
      const auto end = std::min(rest.find_first_of(" ,.;:!?\n"), rest.size());
      name += (name.empty() ? "" : " ") + std::string(rest.substr(0, end));
      if (end == rest.size() || rest[end] != ' ') break;
      rest.remove_prefix(end + 1);
    }
    if (!name.empty()) return name;
  }
  return {};
}

bool mentions(const std::vector<std::string>& words, std::initializer_list<std::string_view> list) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& word) { return std::find(list.begin(), list.end(), word) != list.end(); });
}

/// "Act as an explainer." and a blank line: Luna's newer form begins the first
/// turn so (contract 7.2). These are not the user's words.
std::string_view without_role_line(std::string_view message) {
  const auto end = message.find('\n');
  const bool is_role = end != std::string_view::npos && end < 80 && message.substr(end).starts_with("\n\n")
                       && lowered(message.substr(0, end)).starts_with("act as a");
  return is_role ? message.substr(end + 2) : message;
}

/// What a front end asks in the user's name when he gave a text and no question
/// (Luna contract 7.1): the text is then what he says.
bool asks_nothing(std::string_view question) {
  return question.empty() || lowered(question) == "what can be said about this?";
}

}  // namespace

offline_prompt read_prompt(std::string_view message) {
  message = without_role_line(message);
  const std::string lower = lowered(message);
  offline_prompt prompt;
  const std::string first_line = lower.substr(0, lower.find('\n'));
  const label_place text = find_label(lower, {"text:", "original:", "original text:", "selected text:"});
  const label_place context = find_label(lower, {"highlighted context:", "context:", "highlighted text:"});
  const auto take = [&](offline_prompt::kind what, const label_place& label) {
    prompt.what = what;
    prompt.question = trimmed(message.substr(0, label.begin));
    prompt.text = trimmed(message.substr(label.end));
  };
  if (text.begin != std::string::npos && first_line.find("rewrit") != std::string::npos) {
    take(offline_prompt::kind::rewrite, text);
  } else if (text.begin != std::string::npos && first_line.find("expla") != std::string::npos) {
    take(offline_prompt::kind::explain, text);
  } else if (context.begin != std::string::npos) {
    take(offline_prompt::kind::chat, context);
    if (asks_nothing(prompt.question) && !prompt.text.empty()) return {offline_prompt::kind::talk, prompt.text, {}};
  } else {
    prompt.question = trimmed(message);
  }
  return prompt;
}

offline_persona read_persona(std::string_view system) {
  offline_persona persona;
  persona.name = name_in(system);
  for (const std::string& line : lines_of(system)) {
    const std::string lower = lowered(line);
    if (lower.rfind("greeting:", 0) == 0) persona.greeting = trimmed(line.substr(9));
    if (line.rfind("- ", 0) == 0 || line.rfind("* ", 0) == 0)
      persona.memories.push_back(without_confidence(trimmed(line.substr(2))));
  }
  if (persona.greeting.size() > 1 && persona.greeting.front() == '"' && persona.greeting.back() == '"')
    persona.greeting = persona.greeting.substr(1, persona.greeting.size() - 2);
  const std::vector<std::string> words = split_words(system);
  if (mentions(words, {"cheerful", "enthusiastic", "playful", "lively", "bubbly", "excited"}))
    persona.style = offline_persona::manner::cheerful;
  else if (mentions(words, {"formal", "formally", "butler", "courteous", "polite"}))
    persona.style = offline_persona::manner::formal;
  return persona;
}

}  // namespace troupe::models
