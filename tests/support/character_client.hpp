#pragma once

/// \file
/// A client of the character protocol for tests: JSON frames over `ws_client`,
/// which shares no code with the server, and characters' files to serve.
/// Header-only; needs Boost.JSON. As the protocol asks, replies are matched by
/// `message_id` alone and what has none is put by as an event.
///
/// Thread safety: one thread per client. Every wait has a limit and throws.

#include "support/luna_client.hpp"
#include "support/temporary_folder.hpp"
#include "support/ws_client.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::test {

class character_client {
 public:
  explicit character_client(std::uint16_t port, const std::string& path = "/character", const ws_options& options = {})
      : socket_(port, path, options) {}

  /// Sends `TYPE_request` with these fields; its `message_id`.
  std::string send(const std::string& type, json::object fields = {}) {
    const auto id = "q-" + std::to_string(++sent_);
    fields["message_type"] = type + "_request";
    fields["message_id"] = id;
    socket_.send(json::serialize(fields));
    return id;
  }

  /// The next frame, whatever it is.
  json::object next() { return object_of(socket_.receive()); }

  /// The next reply; events before it are put by.
  json::object reply() {
    for (;;) {
      auto frame = next();
      if (text_of(frame, "message_type") != "character_event") return frame;
      events.push_back(std::move(frame));
    }
  }

  /// The reply to what `send` has sent. REQUIRES: it is the next one.
  json::object reply_to(const std::string& id) {
    auto frame = reply();
    if (text_of(frame, "message_id") != id)
      throw std::runtime_error("not the reply to " + id + " but " + json::serialize(frame));
    return frame;
  }

  json::object ask(const std::string& type, json::object fields = {}) {
    return reply_to(send(type, std::move(fields)));
  }

  /// As `ask`, but throws unless it succeeds.
  json::object get(const std::string& type, json::object fields = {}) {
    auto frame = ask(type, std::move(fields));
    const auto* success = frame.if_contains("success");
    if (success == nullptr || !success->is_bool() || !success->as_bool())
      throw std::runtime_error(type + " failed: " + json::serialize(frame));
    return frame;
  }

  json::object init(const std::string& who) { return get("init", {{"character_id", who}}); }
  std::string say(const std::string& words) { return text_of(get("chat", {{"user_message", words}}), "response_text"); }
  json::object status(bool history = false) { return get("status", {{"include_history", history}}); }

  /// What a frame that is no request is answered with.
  json::object answer_to(std::string_view text) {
    socket_.send(text);
    return reply();
  }

  /// Reads until an event of this kind; returns it.
  json::object event(const std::string& kind) {
    for (;;) {
      if (events.empty()) events.push_back(next());
      auto frame = std::move(events.front());
      events.pop_front();
      if (text_of(frame, "event") == kind) return frame;
    }
  }

  ws_client& socket() { return socket_; }

  std::deque<json::object> events;

 private:
  ws_client socket_;
  int sent_ = 0;
};

/// A folder of characters' files, as invented for tests.
class character_files {
 public:
  character_files() {
    put("harbor-pilot", pilot("Ines Calloway"));
    put("m-playful",
        "name: Mirko\narchetype: jester\npersonality:\n  big_five: {openness: 0.8, extraversion: 0.9}\n"
        "  behavioral_traits:\n    - {trait: playful, intensity: 0.9}\n"
        "initial_goals:\n  - {goal_id: g1, goal_type: short_term, description: Make them laugh, priority: 7}\n"
        "mood_baseline: {default_state: cheerful}\n");
  }

  static std::string pilot(const std::string& name) {
    return "name: " + name
           + "\narchetype: steady_guide\ndemographics: {occupation: harbor pilot, age: 51}\n"
             "personality:\n  big_five: {conscientiousness: 0.9, neuroticism: 0.2}\n"
             "  behavioral_traits: [patient, dry]\n"
             "neurochemical_baseline: {dopamine: 57, serotonin: 71.5, oxytocin: 49, endorphins: 44, cortisol: 28, "
             "adrenaline: 25}\n"
             "mood_baseline: {current_state: calm, baseline_setpoint: 0.6, emotional_volatility: 0.2}\n"
             "initial_goals: [Train an apprentice]\nbackstory: Thirty years on the pilot boats.\n";
  }

  void put(const std::string& id, const std::string& yaml) const {
    std::ofstream(path() + "/" + id + ".yaml", std::ios::trunc) << yaml;
  }
  const std::string& path() const { return folder_.path(); }
  /// Settings of a server that serves them.
  std::map<std::string, std::string> settings(std::map<std::string, std::string> more = {}) const {
    more["CHARACTER_SCHEMAS_DIR"] = path();
    return more;
  }

 private:
  temporary_folder folder_;
};

/// A number of a nested object, by names with dots between: "vitals.mood_state.intensity".
inline const json::value& at_path(const json::object& from, std::string_view path) {
  const json::object* object = &from;
  for (;;) {
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    const auto* value = object->if_contains(json::string_view(name.data(), name.size()));
    if (value == nullptr)
      throw std::runtime_error("there is no " + std::string(name) + " in " + json::serialize(*object));
    if (dot == path.npos) return *value;
    object = &value->as_object();
    path.remove_prefix(dot + 1);
  }
}

}  // namespace troupe::test
