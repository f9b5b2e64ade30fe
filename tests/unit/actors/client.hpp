#pragma once

/// \file
/// A client of one conversation, and what it has seen of it.

#include "cast.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::test {

class client {
 public:
  client(cast& stage, std::string id, session_retention retention = session_retention::resumable,
         std::string principal = "alice")
      : stage(stage), inbox(stage.node.record()) {
    spec.id = std::move(id);
    spec.dialect = "luna";
    spec.principal = std::move(principal);
    spec.system = "Be kind.";
    spec.retention = retention;
  }

  /// Opens at the keeper and attaches.
  expected<session_attached> come(std::uint64_t after = 0, std::uint64_t turn = 0, std::uint64_t offset = 0) {
    auto opened = stage.ask_as<keeper_opened>(inbox, stage.sessions, keeper_open{spec.id});
    if (!opened) return opened.error();
    session = opened->handle;
    return stage.ask_as<session_attached>(inbox, session, attach_message(after, turn, offset));
  }
  session_attach attach_message(std::uint64_t after = 0, std::uint64_t turn = 0, std::uint64_t offset = 0) const {
    return {spec, true, inbox.handle(), after, turn, offset};
  }
  static turn_submit message(std::uint64_t turn, std::string prompt, turn_policy policy = turn_policy::queue) {
    return {turn_ref{turn, turn, 0}, prompt, {}, {}, policy};
  }
  answer_slot<turn_accepted> submit(turn_submit turn) {
    return stage.request_as<turn_accepted>(inbox, session, std::move(turn));
  }
  answer_slot<turn_accepted> submit(std::uint64_t turn, std::string prompt, turn_policy policy = turn_policy::queue) {
    return submit(message(turn, std::move(prompt), policy));
  }
  void stop(std::uint64_t turn) {
    stage.node.send_as(inbox, session, turn_stop{turn_ref{turn, turn, 0}}, urgency::urgent);
  }
  void leave(bool close = false) {
    stage.node.send_as(inbox, session, session_detach{inbox.handle(), close});
    stage.node.send_as(inbox, stage.sessions, keeper_release{spec.id});
  }

  std::vector<turn_ended> ends(std::uint64_t turn) const {
    auto found = inbox.all<turn_ended>();
    std::erase_if(found, [&](auto& each) { return each.ref.turn != turn; });
    return found;
  }
  std::vector<session_event> stored() const {
    auto events = storage::events_after(*stage.store.database, spec.id, 0);
    if (!events) throw std::runtime_error(events.error().message);
    return *events;
  }

  cast& stage;
  recorder inbox;
  session_spec spec;
  caf::actor session;
};

/// What somebody knows of a conversation, put together from messages. Throws
/// where something is doubled, missing or out of order.
class view {
 public:
  void take(const session_attached& state) {
    for (auto& event : state.missed) {
      add(event.number, event.turn, event.kind);
      if (event.kind == event_kind::user) texts[event.turn];
      if (event.kind == event_kind::reply || event.kind == event_kind::cancelled) settle(event.turn, event.text);
      if (event.kind != event_kind::opened && event.kind != event_kind::user) over(event.turn);
    }
    if (state.open_turn == 0) return;
    append(state.open_turn, state.offset, state.open_text);
    open = state.open_turn;
  }

  void take(const std::vector<recorded_message>& messages) {
    for (auto& each : messages) {
      if (each.content.match_elements<turn_started>()) {
        auto& message = each.content.get_as<turn_started>(0);
        if (open != 0) fail("a turn started within a turn");
        open = message.ref.turn;
        texts[open];
        add(message.number, open, event_kind::user);
      } else if (each.content.match_elements<turn_delta>()) {
        auto& message = each.content.get_as<turn_delta>(0);
        if (open != message.ref.turn) fail("a delta outside of its turn");
        append(message.ref.turn, message.offset, std::string(message.text.view()));
      } else if (each.content.match_elements<turn_ended>()) {
        auto& message = each.content.get_as<turn_ended>(0);
        if (message.number == 0) continue;  // never began
        add(message.number, message.ref.turn, message.kind);
        if (message.kind == event_kind::reply || message.kind == event_kind::cancelled)
          if (texts[message.ref.turn] != message.text.view()) fail("the end holds another text than the deltas");
        over(message.ref.turn);
      }
    }
  }

  std::uint64_t last() const { return numbers.empty() ? 0 : numbers.rbegin()->first; }
  std::uint64_t offset() const { return open == 0 ? 0 : texts.at(open).size(); }

  std::map<std::uint64_t, std::pair<std::uint64_t, event_kind>> numbers;
  std::map<std::uint64_t, std::string> texts;
  std::uint64_t open = 0;

 private:
  [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }
  void add(std::uint64_t number, std::uint64_t turn, event_kind kind) {
    if (!numbers.emplace(number, std::pair(turn, kind)).second) fail("event " + std::to_string(number) + " twice");
  }
  void append(std::uint64_t turn, std::uint64_t offset, const std::string& text) {
    auto& known = texts[turn];
    if (offset != known.size())
      fail("text from " + std::to_string(offset) + ", but " + std::to_string(known.size()) + " known");
    known += text;
  }
  void settle(std::uint64_t turn, const std::string& text) {
    auto& known = texts[turn];
    if (text.compare(0, known.size(), known) != 0) fail("the event holds another text than the deltas");
    known = text;
  }
  void over(std::uint64_t turn) {
    if (open == turn) open = 0;
  }
};

}  // namespace troupe::test
