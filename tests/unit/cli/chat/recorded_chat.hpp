#pragma once

/// \file
/// A link and a display that write down what the session does with them; the
/// test answers the requests when it likes.

#include "cli/chat/chat_session.hpp"
#include "cli/terminal_table.hpp"

#include <deque>
#include <string>
#include <vector>

namespace troupe::test {

class scripted_link final : public chat::character_link {
 public:
  struct asked {
    boost::json::object fields;
    answered done;
    std::string type() const { return std::string(fields.at("message_type").as_string()); }
  };

  void listen(listeners) override {}
  void connect(std::function<void(expected<void>)> done) override { done({}); }
  void request(boost::json::object fields, answered done) override {
    requests.push_back({std::move(fields), std::move(done)});
  }
  void close() override {}
  bool is_local() const override { return local; }
  std::string where() const override { return "a test"; }

  std::deque<asked> requests;
  bool local = false;
};

class recording_display final : public chat::chat_display {
 public:
  void show(const chat::chat_entry& entry) override {
    lines.push_back((entry.name.empty() ? "" : entry.name + ": ") + entry.text);
  }
  void show(const std::vector<cli::text_line>& many) override {
    for (auto& line : many) lines.push_back(cli::plain_text(line));
  }
  void draft(const std::string&, const std::string& text) override { drafts.push_back(text); }
  void question(const std::string& text) override { asked = text; }
  void waiting(bool now) override { waits = now; }
  void learned(const chat::vitals& now, const std::string&) override { known = now; }
  void connection(const std::string& text) override { link = text; }
  void clear() override { lines.clear(); }
  std::size_t columns() const override { return 80; }
  bool scroll(std::string_view) override { return false; }
  bool toggle_autoscroll() override { return false; }
  bool choose_pane(std::string_view) override { return false; }
  bool stream(bool on) override { return on; }

  bool has(std::string_view part) const {
    for (auto& line : lines)
      if (line.find(part) != std::string::npos) return true;
    return false;
  }

  std::vector<std::string> lines, drafts;
  std::string asked, link;
  chat::vitals known;
  bool waits = false;
};

struct recorded_chat {
  explicit recorded_chat(chat::session_options options = {.character_id = "pilot", .name = "Ines", .stream = false},
                         chat::transcripts* kept = nullptr)
      : in(std::make_shared<chat::inbox>()), session(std::move(options), {link, display, in, kept}) {}

  /// Answers the oldest request with this document.
  void answer(boost::json::object document) {
    auto asked = std::move(link.requests.front());
    link.requests.pop_front();
    asked.done(std::move(document));
    in->run();
  }
  void fail(failure why) {
    auto asked = std::move(link.requests.front());
    link.requests.pop_front();
    asked.done(std::move(why));
    in->run();
  }
  void reply(const std::string& text) {
    answer({{"message_type", "chat_response"}, {"success", true}, {"response_text", text}});
  }

  scripted_link link;
  recording_display display;
  std::shared_ptr<chat::inbox> in;
  chat::chat_session session;
};

}  // namespace troupe::test
