#include "luna_client.hpp"

#include <algorithm>

namespace troupe::crash {

namespace json = boost::json;

namespace {

std::string text_in(const json::object& frame, const char* name) {
  const auto* value = frame.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::uint64_t number_in(const json::object& frame, const char* name) {
  const auto* value = frame.if_contains(name);
  return value && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

}  // namespace

void luna_client::problem(const std::string& what, const json::object& frame) {
  found.push_back(what + ": " + json::serialize(frame));
}

void luna_client::handle(const json::object& frame) {
  const auto type = text_in(frame, "type");
  if (type == "client_registered") return;
  if (type == "text_turn_started") return turn_started(frame);
  if (type == "chunk") return chunk(frame);
  if (type == "complete") return acknowledge(frame, false);
  if (type == "text_session_result") return acknowledge(frame, true);
  if (type == "error" || type == "text_session_error") return refused(frame, type == "text_session_error");
  problem("an unexpected frame", frame);
}

/// The conversation that a frame belongs to: maybe one stopped just now.
conversation* luna_client::of(const json::object& frame, bool create) {
  const auto id = text_in(frame, "session_id");
  if (auto* known = book_.find(id)) return known;
  if (!create || now_ != &unnamed_) return nullptr;
  book_.conversations.push_back(std::make_unique<conversation>(std::move(unnamed_)));
  now_ = book_.conversations.back().get();
  now_->id = id;
  now_->touched = true;
  return now_;
}

told_turn* luna_client::turn_of(const json::object& frame) {
  auto* which = of(frame, false);
  if (!which) return nullptr;
  const auto found_turn = which->told.find(text_in(frame, "turn"));
  return found_turn == which->told.end() ? nullptr : &found_turn->second;
}

void luna_client::turn_started(const json::object& frame) {
  auto* which = of(frame, true);
  if (!which) return problem("a turn of an unknown conversation", frame);
  const auto turn = text_in(frame, "turn");
  const auto number = number_in(frame, "number");
  if (turn.empty() || number < 2) problem("a turn without its numbers", frame);
  if (which->told.contains(turn)) problem("a turn that began before", frame);
  if (which != now_) return;  // stopped meanwhile
  auto first = std::find_if(which->pending.begin(), which->pending.end(), [](auto& each) { return each.turn.empty(); });
  // After a reconnection the requests of before still get their turns, but not here.
  if (first == which->pending.end()) return problem("a turn that nobody asked for", frame);
  first->turn = turn;
  which->told[turn] = {.marker = first->marker, .whole = first->whole, .user_number = number};
}

void luna_client::chunk(const json::object& frame) {
  auto* which = of(frame, false);
  auto* told = turn_of(frame);
  // One that was on its way when its conversation was stopped counts all the
  // same: the acknowledgement may be right behind it.
  if (which && which != now_ && !told) return;
  if (!told || told->whole) return problem("a chunk of no streamed turn", frame);
  if (told->end_number != 0) problem("a chunk after the end of its turn", frame);
  if (number_in(frame, "offset") != told->streamed.size())
    problem("a chunk that does not go on at " + std::to_string(told->streamed.size()), frame);
  told->streamed += text_in(frame, "data");
}

void luna_client::acknowledge(const json::object& frame, bool whole) {
  auto* told = turn_of(frame);
  auto* which = of(frame, false);
  if (which && which != now_ && !told) return;
  if (!told || told->whole != whole) return problem("the end of no such turn", frame);
  if (told->end_number != 0) problem("a second end of a turn", frame);
  if (number_in(frame, "number") != told->user_number + 1)
    problem("an acknowledgement without the right number", frame);
  told->end_number = number_in(frame, "number");
  told->replied = true;
  told->text = whole ? text_in(frame, "result") : told->streamed;
  ++acknowledged;
  std::erase_if(which->pending, [&](auto& each) { return each.turn == text_in(frame, "turn"); });
}

void luna_client::refused(const json::object& frame, bool whole) {
  auto* told = turn_of(frame);
  auto* which = of(frame, false);
  // An answer that this client stopped on an earlier connection, and then took up again.
  const bool stopped = told && which && which->stopped && text_in(frame, "error") == "the answer was stopped";
  if (!graceful_ && !stopped) return problem("an error", frame);
  if (told) {
    told->end_number = number_in(frame, "number");
    std::erase_if(of(frame, false)->pending, [&](auto& each) { return each.turn == text_in(frame, "turn"); });
    return;
  }
  if (!now_) return;  // about one that was stopped
  // One that waited, or came too late: after the end of those before it.
  auto& pending = now_->pending;
  if (!pending.empty() && !pending.front().turn.empty())
    problem("an error amid the answer to an earlier request", frame);
  auto first = std::find_if(pending.begin(), pending.end(),
                            [&](auto& each) { return each.turn.empty() && each.whole == whole; });
  if (first == pending.end()) {
    // Or one of a conversation that was stopped, refused before the server knew that.
    if (left_behind_ == 0) return problem("an error about no request", frame);
    --left_behind_;
    return;
  }
  pending.erase(first);
}

}  // namespace troupe::crash
