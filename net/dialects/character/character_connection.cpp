#include "net/dialects/character/character_connection.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/all.hpp>

namespace troupe::character_dialect {

connection_state::~connection_state() {
  // Where the last handle went, and no message ended it, there is no handle to send any more.
  if (self_->ctrl()->strong_refs.load() == 0) return;
  // Also on a restart in place, which keeps the actor and so no `down` tells.
  for (auto* each : {&bound_, &opening_})
    if (*each && (*each)->handle) {
      self_->demonitor((*each)->handle);
      caf::anon_send((*each)->handle, character_detach{me()});
    }
}

caf::behavior connection_state::start(connection_deps deps) {
  deps_ = std::move(deps);
  self_->set_down_handler([this](caf::down_msg& message) { lost(message.source); });
  since_ = deps_.node->clock.wall_ms();
  if (!deps_.character.empty()) bound_ = binding{deps_.character, deps_.character, {}, {}};
  return {
      [this](const frame_received& message) { frame(message); },
      [this](const binary_received&) {
        wait({incoming{std::nullopt, refused{error_code::invalid_json, "a binary message must be JSON in UTF-8", {}}},
              0});
      },
      [this](const character_event& message) { event(message); },
      [this](const connection_shut_down& message) { deps_.out->close(message.code, message.reason); },
      [this](const connection_closed&) { self_->quit(); },
  };
}

void connection_state::frame(const frame_received& received) {
  ++frames_in_;
  waiting_request entry{parse(received.text.view()), received.text.size()};
  if (std::holds_alternative<stop_request>(entry.message.what)) return stop(entry.message);
  wait(std::move(entry));
}

void connection_state::wait(waiting_request entry) {
  const bool too_many =
      current_ && (waiting_count_ >= deps_.max_waiting || waiting_bytes_ + entry.bytes > deps_.max_waiting_bytes);
  if (too_many && waiting_.size() >= waiting_count_ + deps_.max_refused) {
    log::warn("client_too_busy", {{"client", deps_.client_id}});
    return deps_.out->close(1008, "too many requests are waiting");
  }
  if (too_many && !entry.message.is_refused()) {
    entry.busy = entry.message.kind();
    entry.message.what = refused{};
  }
  entry.counted = !too_many;
  if (entry.counted) {
    ++waiting_count_;
    waiting_bytes_ += entry.bytes;
  }
  waiting_.push_back(std::move(entry));
  pump();
}

void connection_state::pump() {
  // What is answered at once comes back here: a loop instead of a stack as deep as the queue is long.
  if (pumping_) return;
  pumping_ = true;
  while (!current_ && !waiting_.empty()) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.counted) {
      --waiting_count_;
      waiting_bytes_ -= next.bytes;
    }
    begin(std::move(next));
  }
  pumping_ = false;
}

void connection_state::begin(waiting_request entry) {
  auto& message = entry.message;
  if (entry.busy)
    return send(encode_failure(*entry.busy, head(message.message_id),
                               {error_code::busy, "Busy: too many requests are waiting; try again later"}));
  if (message.is_refused()) {
    const auto& why = std::get<refused>(message.what);
    log::debug("bad_message", {{"client", deps_.client_id}, {"code", why.code}, {"field", why.field}});
    return send(encode_refused(head(message.message_id), why));
  }
  current_request current;
  current.serial = ++serial_;
  current.kind = message.kind();
  current.message_id = std::move(message.message_id);
  current_ = std::move(current);
  std::visit([this](auto& asked) { handle(asked); }, message.what);
}

void connection_state::succeed(std::string_view body) {
  send(encode_success(current_->kind, head(current_->message_id), body));
  current_.reset();
  pump();
}

void connection_state::fail(const request_failure& why) {
  send(encode_failure(current_->kind, head(current_->message_id), why));
  current_.reset();
  pump();
}

/// Overtakes what waits: it is about what is at work.
void connection_state::stop(const incoming& message) {
  bool stopped = false;
  if (current_ && current_->kind == request_kind::chat) {
    stopped = true;
    if (current_->ref.turn == 0) {
      current_->stopped = true;
    } else {
      tell_urgent(self_, bound_ ? bound_->handle : caf::actor(), turn_stop{current_->ref});
      deps_.out->drop_turn(current_->ref.turn);
    }
  }
  send(encode_success(request_kind::stop, head(message.message_id), stop_body(stopped)));
}

void connection_state::event(const character_event& message) {
  if (!subscribed_) return;
  const bool is_delta = message.kind == character_event_kind::reply_delta;
  deps_.out->send(message.frame, is_delta ? message.ref.turn : 0);
}

void connection_state::send(std::string frame, std::uint64_t turn) {
  deps_.out->send(shared_bytes(std::move(frame)), turn);
}

reply_head connection_state::head(const std::optional<std::string>& message_id) const {
  return {message_id, deps_.node->clock.wall_ms() * 1000};
}

std::string connection_state::to_json() const {
  std::string out;
  {
    json_object to(out);
    to.text("client", deps_.client_id).text("principal", deps_.principal).text("peer", deps_.peer);
    to.number("since", since_).number("frames_in", frames_in_).number("turns", turns_begun_);
    to.number("queued_bytes", deps_.out ? deps_.out->queued_bytes() : 0);
    to.text("session", bound_ ? bound_->id : std::string());
    to.number("turns_in_flight", current_ && current_->ref.turn != 0 ? 1 : 0);
    to.number("waiting_requests", waiting_.size()).flag("subscribed", subscribed_);
    to.flag("private", bound_ && bound_->keeper_id != bound_->id);
  }
  return out;
}

}  // namespace troupe::character_dialect
