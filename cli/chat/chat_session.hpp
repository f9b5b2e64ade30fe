#pragma once

/// \file
/// A conversation with one character as the user leads it: a line goes in,
/// requests go out, and what comes back is shown (contracts/character.md §3.2
/// points 6 to 11, §3.3). Knows neither sockets nor terminals.
///
///     chat_session session({...}, {link, display, inbox});
///     session.begin();
///     session.line("How do you read the tide?");
///     ... inbox.run() whenever its descriptor is readable ...
///
/// One request is under way at a time; lines that come meanwhile wait, but for
/// those that only concern the display. A yes-or-no question takes the next line.
///
/// Ownership: refers to the ports. Thread safety: one thread; answers come
/// through the inbox. Errors: are shown; the chat goes on.

#include "cli/chat/character_link.hpp"
#include "cli/chat/chat_display.hpp"
#include "cli/chat/inbox.hpp"
#include "cli/chat/transcripts.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::chat {

struct session_options {
  std::string character_id;
  std::string name;  ///< of the character
  std::string archetype;
  bool debug = false;
  bool stream = true;                   ///< ask for replies as they come
  bool follow_vitals = false;           ///< ask for them after each turn
  bool asks = true;                     ///< false: nobody is there to be asked (a pipe)
  std::filesystem::path data = "data";  ///< exports go to its folder `exports`
};

struct session_ports {
  character_link& link;
  chat_display& display;
  std::shared_ptr<inbox> in;
  transcripts* kept = nullptr;  ///< none: nothing is kept
};

class chat_session {
 public:
  chat_session(session_options options, session_ports ports);
  ~chat_session();

  void begin();
  void line(std::string_view text);
  /// Ctrl-C: asks; the second time it leaves.
  void interrupted();
  /// Leaves without asking, after what still waits.
  void end_of_input();

  /// Leaves without asking and without waiting for a reply: the terminal is gone, or a signal says so.
  void leave();

  bool asks() const { return question_.has_value(); }
  bool waiting() const { return under_way_ || !queue_.empty(); }
  bool ended() const { return ended_; }

  // Through the inbox: what the link tells unasked.
  void event(const boost::json::object& message);
  void link_changed(link_state now, const std::string& text);

 private:
  friend struct chat_commands;
  using answered = std::function<void(expected<boost::json::object>)>;

  void obey(std::string_view line);
  void say(const std::string& text);
  void reply(const std::string& said, const boost::json::object& answer);
  void show_debug(const boost::json::object& answer);
  void refresh_vitals();
  void subscribe(std::function<void()> then);
  void turn_started(const std::string& turn, const std::string& said);
  void add_to_draft(const boost::json::object& piece);
  void ask_link(boost::json::object fields, std::string_view type, answered done);
  void status(answered done, bool history = false);
  void question(std::string text, std::function<void()> yes);
  void answer_question(std::string_view line);
  void settle();
  void notice(std::string text);
  void error(std::string text);

  session_options options_;
  session_ports ports_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  ///< answers to a session that is gone are dropped
  bool under_way_ = false;
  bool leaving_ = false, ended_ = false, at_end_of_input_ = false;
  std::deque<std::string> queue_;
  std::optional<std::string> question_;
  std::function<void()> yes_;
  bool was_lost_ = false;
  bool subscribed_ = false;
  std::string own_turn_;      ///< whose pieces are ours
  std::string earlier_turn_;  ///< ours before that
  std::string said_;          ///< what is being answered
  std::string draft_;
  std::string latest_;  ///< the user's newest message
};

}  // namespace troupe::chat
