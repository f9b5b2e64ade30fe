#include "models/offline_answer.hpp"

#include "models/offline_character.hpp"
#include "models/rewriting.hpp"
#include "models/sentences.hpp"
#include "models/words.hpp"

#include <algorithm>

namespace troupe::models {
namespace {

using manner = offline_persona::manner;
using words = std::vector<std::string>;

constexpr float surely_related = 0.2f;      // relation from which a quote is given as an answer
constexpr float related_similarity = 0.5f;  // of a memory that shares no word with the question
constexpr std::size_t most_quotes = 3;

const std::string no_model = "A language model is chosen with MODEL, for example MODEL=ollama:llama3.2.";

std::string quoted(std::string_view text) {
  return "“" + std::string(text) + "”";
}

bool any_of(std::string_view word, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

/// " what did i just say ": for looking up phrases as whole words.
std::string phrase_form(std::string_view text) {
  std::string result = " ";
  for (const std::string& word : split_words(text)) result += word + " ";
  return result;
}

bool says(const std::string& phrases, std::initializer_list<std::string_view> list) {
  return std::any_of(list.begin(), list.end(), [&](std::string_view phrase) {
    return phrases.find(" " + std::string(phrase) + " ") != std::string::npos;
  });
}

bool is_question(std::string_view text, const words& w) {
  if (text.find('?') != std::string_view::npos) return true;
  if (w.empty()) return false;
  if (w[0] == "tell") return w.size() > 2 && w[1] == "me";
  return any_of(w[0], {"what", "what's", "who",   "who's", "whose", "whom",   "where", "when", "why",
                       "how",  "which",  "is",    "are",   "am",    "was",    "were",  "do",   "does",
                       "did",  "can",    "could", "will",  "would", "should", "has",   "have"});
}

bool is_command(const words& w) {
  if (w.empty()) return false;
  const std::string& first = w[0] == "please" && w.size() > 1 ? w[1] : w[0];
  return any_of(first, {"write",     "translate", "summarise", "summarize", "create", "draw", "play", "search",
                        "calculate", "compare",   "generate",  "make",      "find",   "open", "send", "set",
                        "call",      "explain",   "rewrite",   "describe",  "list",   "show", "give", "compose",
                        "shorten",   "improve",   "imagine",   "pretend",   "sing",   "say",  "act",  "shorter",
                        "longer",    "continue",  "fix",       "solve",     "plan",   "help"});
}

std::string in_manner(const offline_persona& persona, std::string text) {
  if (persona.style == manner::formal) return "Certainly. " + text;
  if (persona.style == manner::cheerful && !text.empty() && text.back() == '.') text.back() = '!';
  return text;
}

std::string introduction(const offline_persona& persona) {
  const std::string what = "Troupe's built-in offline agent, a small program without a language model";
  const std::string who = persona.name.empty() ? "I am " + what : "I am " + persona.name + ", played by " + what;
  return who + ". I can take note of what you tell me and quote it back, tidy a text and describe one, but I do not "
         + "understand or think. " + no_model;
}

std::string greeting(const offline_persona& persona) {
  if (!persona.greeting.empty()) return persona.greeting;
  const std::string who = persona.name.empty() ? "the offline agent" : persona.name + ", the offline agent";
  if (persona.style == manner::formal) return "Good day. I am " + who + ". How may I be of service?";
  if (persona.style == manner::cheerful) return "Hello! I am " + who + ". What would you like to tell me?";
  return "Hello. I am " + who + ". What would you like to tell me?";
}

std::string without_mark(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

// -- questions ----------------------------------------------------------------

const chat_message* last_of(const model_request& request, chat_role role, std::size_t skip) {
  for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message)
    if (message->role == role && skip-- == 0) return &*message;
  return nullptr;
}

std::string about_conversation(const model_request& request, const std::string& phrases) {
  const auto tell = [](const chat_message* message, const char* who) {
    if (!message) return std::string("Nothing was said before in this conversation.");
    return std::string(who) + " said: " + quoted(read_prompt(message->text).question);
  };
  if (says(phrases, {"did i just say", "did i say just now", "was my last message", "did i say last", "i just said",
                     "was my previous message", "was my last question", "did i just ask"}))
    return tell(last_of(request, chat_role::user, 1), "You");
  if (says(phrases, {"did you just say", "did you say just now", "was your last message", "did you say last",
                     "you just said", "repeat that", "say that again"}))
    return tell(last_of(request, chat_role::model, 0), "I");
  if (says(phrases, {"was my first message", "did i say first", "was my first question"})) {
    for (const auto& message : request.messages)
      if (message.role == chat_role::user && &message != &request.messages.back()) return tell(&message, "You");
    return tell(nullptr, "You");
  }
  return {};
}

struct quote {
  float relation = 0;
  std::string text;
};

/// Memories, those in the system instruction and the conversation, as far as
/// they have to do with the question.
std::vector<quote> related_texts(const model_request& request, const offline_persona& persona, const words& asked) {
  std::vector<quote> quotes;
  const auto add = [&](float relation, const std::string& text) {
    const bool known = std::any_of(quotes.begin(), quotes.end(),
                                   [&](const quote& q) { return without_mark(q.text) == without_mark(text); });
    if (relation > 0 && !known) quotes.push_back({relation, text});
  };
  for (const memory_hit& hit : request.memories) {
    const float shared = overlap(asked, hit.record.text);
    const bool sure = shared >= 0.2f || hit.similarity >= related_similarity;
    // What recall found by meaning alone may still be what was asked for.
    const float unsure = hit.score > 0 ? surely_related * hit.similarity : 0;
    add(sure ? shared + hit.similarity : unsure, hit.record.text);
  }
  for (const std::string& memory : persona.memories) {
    const float shared = overlap(asked, memory);
    add(shared >= 0.2f ? shared : 0, memory);
  }
  for (std::size_t i = 0; i + 1 < request.messages.size(); ++i) {
    if (request.messages[i].role != chat_role::user) continue;
    for (const std::string& sentence : split_sentences(read_prompt(request.messages[i].text).question)) {
      const float shared = overlap(asked, sentence);
      if (!is_question(sentence, split_words(sentence))) add(shared >= 0.2f ? shared : 0, sentence);
    }
  }
  std::stable_sort(quotes.begin(), quotes.end(),
                   [](const quote& a, const quote& b) { return a.relation > b.relation; });
  // A weak second is more likely chance than an answer.
  while (!quotes.empty() && quotes.back().relation < 0.6f * quotes.front().relation) quotes.pop_back();
  quotes.resize(std::min(quotes.size(), most_quotes));
  return quotes;
}

std::string answer_question(const model_request& request, const offline_persona& persona, const std::string& question) {
  const std::vector<quote> quotes = related_texts(request, persona, content_words(question));
  if (quotes.empty())
    return "I do not remember anything about that. I am the offline agent: I can only repeat what I was told.";
  std::string answer =
      quotes.front().relation >= surely_related ? "You told me: " : "Perhaps this helps; you told me: ";
  for (std::size_t i = 0; i < quotes.size(); ++i)
    answer += (i == 0 ? "" : i + 1 == quotes.size() ? " and " : ", ") + quoted(quotes[i].text);
  return in_manner(persona, answer);
}

// -- text actions -------------------------------------------------------------

std::string count(std::size_t number, const std::string& noun) {
  return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string list(const words& items) {
  std::string result;
  for (std::size_t i = 0; i < items.size(); ++i)
    result += (i == 0 ? "" : i + 1 == items.size() ? " and " : ", ") + quoted(items[i]);
  return result;
}

std::string describe(std::string_view text) {
  const std::size_t sentences = split_sentences(text).size();
  std::string result =
      "The text has " + count(split_words(text).size(), "word") + " in " + count(sentences, "sentence") + ".";
  if (const words keys = key_words(text, 5); !keys.empty())
    result +=
        keys.size() == 1 ? " Its rarest word is " + list(keys) + "." : " Its rarest words are " + list(keys) + ".";
  if (const words found = definitions(text, 2); !found.empty())
    result += std::string(found.size() == 1 ? " This sentence looks" : " These sentences look")
              + " like a definition: " + list(found);
  return result;
}

std::string explain(const std::string& text) {
  return "I am Troupe's offline agent and have no language model, so I cannot explain what a text means; I can say "
         + std::string("what I see in it. ") + describe(text);
}

std::string talk(const model_request& request, const offline_persona& persona, const std::string& text);

std::string chat_about(const model_request& request, const offline_persona& persona, const offline_prompt& prompt) {
  const words w = split_words(prompt.question);
  // Who tells something does not ask about the text beside it.
  if (!is_question(prompt.question, w) && !is_command(w)) return talk(request, persona, prompt.question);
  const words asked = content_words(prompt.question);
  quote best;
  for (const std::string& sentence : split_sentences(prompt.text))
    if (const float shared = overlap(asked, sentence); shared > best.relation) best = {shared, sentence};
  if (best.relation >= 0.2f) return in_manner(persona, "The highlighted text says: " + quoted(best.text));
  if (!related_texts(request, persona, asked).empty()) return answer_question(request, persona, prompt.question);
  return "I find no answer in the highlighted text, and as the offline agent I cannot reason about it. "
         + describe(prompt.text);
}

// -- talk ---------------------------------------------------------------------

bool asks_who_it_is(const std::string& phrases) {
  return says(phrases, {"who are you",         "what are you",       "are you real",
                        "are you a real ai",   "are you an ai",      "are you ai",
                        "are you a robot",     "are you a bot",      "are you human",
                        "are you a human",     "are you a person",   "what model are you",
                        "which model are you", "what is your name",  "what's your name",
                        "what can you do",     "introduce yourself", "are you a language model",
                        "are you chatgpt",     "are you gemini",     "are you conscious",
                        "are you alive"});
}

bool is_greeting(const words& w) {
  return !w.empty() && w.size() <= 4
         && (any_of(w[0], {"hi", "hello", "hey", "greetings"})
             || (w.size() >= 2 && w[0] == "good" && any_of(w[1], {"morning", "evening", "afternoon", "day"})));
}

std::string acknowledge(const model_request& request, const offline_persona& persona, const std::string& text) {
  const words told = content_words(text);
  for (const memory_hit& hit : request.memories)
    if (!told.empty() && overlap(told, hit.record.text) > 0.99f)
      return in_manner(persona, "You told me that before: " + quoted(hit.record.text));
  // Only memory outlives the conversation, and it does not keep everything.
  const std::string promise = request.noted.empty() ? "For this conversation I keep in mind" : "Noted";
  if (text.size() > 300)
    return in_manner(persona, promise + (request.noted.empty() ? " what you said. " : ". ") + describe(text));
  return in_manner(persona, promise + ": " + quoted(without_mark(text)) + ".");
}

std::string talk(const model_request& request, const offline_persona& persona, const std::string& text) {
  const words w = split_words(text);
  const std::string phrases = phrase_form(text);
  if (w.empty()) return "I got no words. " + greeting(persona);
  if (asks_who_it_is(phrases)) return introduction(persona);
  if (is_greeting(w)) return greeting(persona);
  if (w.size() <= 5 && any_of(w[0], {"thanks", "thank"})) return in_manner(persona, "You are welcome.");
  if (w.size() <= 4 && any_of(w[0], {"bye", "goodbye"})) return in_manner(persona, "Goodbye.");
  if (std::string answer = about_conversation(request, phrases); !answer.empty()) return answer;
  if (is_question(text, w)) return answer_question(request, persona, text);
  if (is_command(w)) return "I cannot do that: I am the offline agent, without a language model. " + no_model;
  return acknowledge(request, persona, text);
}

}  // namespace

std::string offline_answer(const model_request& request) {
  if (const auto role = read_role(request.system)) return role_answer(request, *role);
  const offline_persona persona = read_persona(request.system);
  const offline_prompt prompt = read_prompt(request.messages.back().text);
  switch (prompt.what) {
    case offline_prompt::kind::explain: return explain(prompt.text);
    case offline_prompt::kind::rewrite: {
      const std::string text = rewrite(prompt.text);
      return text.empty() ? "There is no text to rewrite." : text;
    }
    case offline_prompt::kind::chat: return chat_about(request, persona, prompt);
    case offline_prompt::kind::talk: break;
  }
  return talk(request, persona, prompt.question);
}

}  // namespace troupe::models
