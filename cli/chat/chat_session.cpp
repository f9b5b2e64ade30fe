#include "cli/chat/chat_session.hpp"

#include "cli/chat/chat_commands.hpp"
#include "cli/chat/json_fields.hpp"
#include "cli/chat/network_text.hpp"
#include "net/json.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

namespace troupe::chat {

namespace json = boost::json;

namespace {

constexpr std::size_t most_lines_waiting = 32;
constexpr std::size_t longest_line = 900 * 1024;  // a message is a mebibyte at most, envelope and escapes included

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string figure(const json::object& in, std::string_view key) {
  const auto number = number_field(in, key);
  if (!number) return "?";
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", *number);
  return text;
}

}  // namespace

chat_session::chat_session(session_options options, session_ports ports)
    : options_(std::move(options)), ports_(std::move(ports)) {}

chat_session::~chat_session() = default;

void chat_session::notice(std::string text) {
  ports_.display.show({speaker::notice, {}, std::move(text)});
}

void chat_session::error(std::string text) {
  ports_.display.show({speaker::error, {}, std::move(text)});
}

void chat_session::ask_link(json::object fields, std::string_view type, answered done) {
  under_way_ = true;
  ports_.display.waiting(true);
  const std::weak_ptr<int> alive = alive_;
  ports_.link.request(std::move(fields), [this, alive, in = ports_.in, type, done = std::move(done)](auto answer) {
    in->post([this, alive, type, done, answer = std::move(answer)]() mutable {
      if (alive.expired()) return;
      under_way_ = false;
      done(succeeded(std::move(answer), type));
      settle();
    });
  });
}

/// After an answer, or when nothing was to be asked: the next line.
void chat_session::settle() {
  while (!under_way_ && !ended_ && !question_ && !queue_.empty()) {
    const auto next = std::move(queue_.front());
    queue_.pop_front();
    next.starts_with('/') ? obey(next) : say(next);
  }
  if (under_way_ || ended_) return;
  ports_.display.waiting(false);
  if (at_end_of_input_ && !leaving_) leave();
}

void chat_session::begin() {
  const auto then = [this] {
    if (options_.follow_vitals) refresh_vitals();
  };
  options_.stream ? subscribe(then) : then();
}

/// Servers of the original kind do not know this request: then replies come whole.
void chat_session::subscribe(std::function<void()> then) {
  ask_link({{"message_type", "subscribe_request"}}, "subscribe_response",
           [this, then = std::move(then)](const auto& answer) {
             subscribed_ = answer.has_value();
             then();
           });
}

void chat_session::status(answered done, bool history) {
  ask_link({{"message_type", "status_request"},
            {"include_vitals", true},
            {"include_history", history},
            {"include_performance", false}},
           "status_response", std::move(done));
}

void chat_session::refresh_vitals() {
  status([this](auto answer) {
    if (answer) ports_.display.learned(read_vitals(*answer), latest_);
  });
}

void chat_session::line(std::string_view raw) {
  const auto text = trimmed(raw);
  if (leaving_ || ended_) return;
  if (question_) return answer_question(text);
  if (text.empty()) return;
  if (text.starts_with('/')) {
    const auto* command = chat_commands::find(lower(text.substr(1, text.find_first_of(" \t") - 1)));
    if (command == nullptr || command->at_once) return obey(text);
  }
  if (queue_.size() >= most_lines_waiting)
    return error(std::to_string(most_lines_waiting) + " lines are waiting already; this one was dropped");
  if (text.size() > longest_line)
    return error("this line has " + std::to_string(text.size()) + " bytes; a message may have 921600");
  queue_.emplace_back(text);
  settle();
}

void chat_session::obey(std::string_view line) {
  const auto space = line.find_first_of(" \t");
  const auto name = lower(line.substr(1, space - 1));
  const auto argument = space == line.npos ? std::string_view() : trimmed(line.substr(space));
  const auto* command = chat_commands::find(name);
  if (command == nullptr) return error("unknown command /" + one_line(name) + "; /help lists the commands");
  command->run(*this, net::repair_utf8(argument));
}

void chat_session::say(const std::string& text) {
  const auto repaired = net::repair_utf8(text);
  latest_ = one_line(repaired);
  said_ = repaired;
  draft_.clear();
  earlier_turn_ = std::exchange(own_turn_, {});
  ports_.display.show({speaker::user, "You", clean_text(repaired), true});
  ask_link({{"message_type", "chat_request"},
            {"user_message", repaired},
            {"context", json::object{{"debug_mode", options_.debug}}}},
           "chat_response", [this, repaired](auto answer) {
             said_.clear();
             if (!answer) return error(answer.error().message);
             reply(repaired, *answer);
           });
}

void chat_session::reply(const std::string& said, const json::object& answer) {
  const auto text = text_field(answer, "response_text");
  ports_.display.show({speaker::character, options_.name, clean_text(text)});
  draft_.clear();
  if (options_.debug) show_debug(answer);
  if (ports_.kept != nullptr)
    if (auto kept = ports_.kept->append(said, text); !kept) error(kept.error().message);
  if (options_.follow_vitals) refresh_vitals();
}

void chat_session::show_debug(const json::object& answer) {
  const auto& insights = object_field(answer, "character_insights");
  const auto& orchestration = object_field(answer, "orchestration_summary");
  const auto& state = object_field(answer, "character_state_summary");
  const auto& performance = object_field(answer, "performance_info");
  const auto& generation = object_field(answer, "generation_info");
  notice(one_line("tone " + text_field(insights, "emotional_tone", "?") + ", confidence "
                  + figure(insights, "confidence_level") + ", thinking " + text_field(insights, "thinking_style", "?")
                  + ", load " + figure(insights, "cognitive_load") + ", mood " + text_field(state, "mood_state", "?")
                  + ", dominant " + text_field(state, "dominant_hormone", "?")));
  notice(one_line("agents " + figure(orchestration, "agent_count") + ", conflicts "
                  + figure(orchestration, "conflicts_resolved") + ", primary "
                  + text_field(orchestration, "primary_agent", "?") + ", "
                  + figure(performance, "response_time_seconds") + " s"));
  if (const auto why = text_field(generation, "error_message"); !why.empty())
    notice(one_line("a fallback reply: " + why));
}

// -- questions and the end -------------------------------------------------------

void chat_session::question(std::string text, std::function<void()> yes) {
  if (!options_.asks) return yes();
  ports_.display.question(text);
  question_ = std::move(text);
  yes_ = std::move(yes);
}

void chat_session::answer_question(std::string_view line) {
  const auto word = lower(line);
  question_.reset();
  ports_.display.question({});
  const auto yes = std::exchange(yes_, {});
  if (word == "y" || word == "yes")
    yes();
  else
    notice("no: nothing was done");
  settle();
}

void chat_session::interrupted() {
  if (ended_) return;
  if (leaving_) {  // it takes too long
    ended_ = true;
    return;
  }
  if (question_ || !options_.asks) return leave();
  question("Leave the chat?", [this] { leave(); });
}

void chat_session::end_of_input() {
  at_end_of_input_ = true;
  if (question_) answer_question({});
  if (!waiting() && !leaving_) leave();
}

void chat_session::leave() {
  if (leaving_ || ended_) return;
  leaving_ = true;
  question_.reset();
  ports_.display.question({});
  if (!ports_.link.is_local()) {
    ended_ = true;
    return;
  }
  queue_.clear();
  // A reply that is under way is not waited for, or the save would be.
  if (under_way_) ports_.link.request({{"message_type", "stop_request"}}, [](const auto&) {});
  ask_link({{"message_type", "save_request"}, {"filename", options_.character_id + "_autosave.json"}}, "save_response",
           [this](auto answer) {
             if (answer)
               notice("saved as " + one_line(text_field(*answer, "filename")));
             else
               error("the character was not saved: " + answer.error().message);
             ended_ = true;
           });
}

// -- what comes unasked ----------------------------------------------------------

void chat_session::link_changed(link_state now, const std::string& text) {
  if (leaving_ || ended_) return;
  if (now == link_state::open) {
    ports_.display.connection("connected");
    if (std::exchange(was_lost_, false)) notice("connected again");
  } else {
    ports_.display.connection(now == link_state::connecting ? "connecting" : "not connected");
    if (!std::exchange(was_lost_, true)) notice("the connection was lost: " + one_line(text));
  }
}

void chat_session::event(const json::object& message) {
  if (leaving_ || ended_) return;
  const auto type = text_field(message, "message_type");
  if (type == "error_response") return error(one_line(text_field(message, "error")));
  if (type != "character_event") return;
  const auto what = text_field(message, "event"), turn = text_field(message, "turn_id");
  const auto& data = object_field(message, "data");
  if (what == "turn_started") return turn_started(turn, text_field(data, "user_message"));
  if (what == "reply_delta" && turn == own_turn_) return add_to_draft(data);
  // The end of a turn of ours may come behind its reply.
  const bool ours = !turn.empty() && (turn == own_turn_ || turn == earlier_turn_);
  if (what == "turn_ended" && !ours) {
    if (auto text = clean_text(text_field(data, "response_text")); !text.empty())
      ports_.display.show({speaker::character, options_.name, std::move(text)});
    if (auto why = one_line(text_field(data, "error")); !why.empty())
      error(options_.name + " did not answer somebody else: " + why);
  }
  if (what == "changed") notice(options_.name + " has changed: " + one_line(text_field(data, "reason", "unknown")));
  if (((what == "turn_ended" && !ours) || what == "changed") && options_.follow_vitals && !waiting()) refresh_vitals();
}

void chat_session::turn_started(const std::string& turn, const std::string& said) {
  if (!said_.empty() && own_turn_.empty() && said == said_) {
    own_turn_ = turn;
    return;
  }
  ports_.display.show({speaker::user, "Somebody", clean_text(said)});
}

/// A piece behind one that is missing is left out: the whole reply comes at the end.
void chat_session::add_to_draft(const json::object& piece) {
  const auto offset = static_cast<std::size_t>(count_field(piece, "offset"));
  if (said_.empty() || own_turn_.empty() || !options_.stream || offset != draft_.size()) return;
  draft_ += text_field(piece, "text");
  ports_.display.draft(options_.name, clean_text(draft_));
}

}  // namespace troupe::chat
