#include "net/dialects/luna/luna_connection.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/inspection/json_fields.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::luna {

connection_state::~connection_state() {
  if (deps_.relays) deps_.relays->leave(deps_.client_id);
  if (text_) drop_waiting(event_kind::cancelled);
  if (text_ && deps_.counters) --deps_.counters->active_text_sessions;
  if (!text_ || !text_->handle) return;
  // Where the last handle went, and no message ended it, there is no handle to send any more.
  if (self_->ctrl()->strong_refs.load() == 0) return;
  self_->demonitor(text_->handle);
  // Also on a restart in place, which keeps the actor and so no `down` tells.
  caf::anon_send(text_->handle, session_detach{caf::actor_cast<caf::actor>(self_), false});
}

caf::behavior connection_state::start(connection_deps deps) {
  deps_ = std::move(deps);
  self_->set_down_handler([this](caf::down_msg& message) {
    if (text_ && text_->handle && message.source == text_->handle.address()) session_lost();
  });
  if (deps_.relays) deps_.relays->enter(deps_.client_id, caf::actor_cast<caf::actor>(self_));
  since_ = deps_.node->clock.wall_ms();
  send(encode_client_registered());
  return {
      [this](const frame_received& message) { frame(message); },
      [this](const binary_received&) { say_fault("binary", "binary frames are not part of this protocol"); },
      [this](const connection_shut_down& message) { deps_.out->close(message.code, message.reason); },
      [this](const connection_closed&) {
        fail_calls("The client has disconnected; whether it did what was asked is unknown");
        self_->quit();
      },
      [this](const tools_query&) {
        return tools_listed{client_tools(newer_), newer_};
      },
      [this](const tool_start& message) { return begin_call(message); },
      [this](const tool_cancel& message) { cancel_calls(message); },
      [this](const tool_observed& message) { log_execution(message.call, message.result); },
      [this](const memory_recall& message) { return recall(message); },
      [this](const model_answered& message) { learnt(message); },
      [this](const client_relay& message) { relay(message); },
      [this](const tool_sweep& message) { sweep(message.timer); },
      [this](const turn_started& message) { started(message); },
      [this](const turn_delta& message) { delta(message); },
      [this](const turn_ended& message) { ended(message); },
      [this](const session_reset& message) {
        if (is_session(message.id)) session_lost();
      },
  };
}

void connection_state::frame(const frame_received& received) {
  ++frames_in_;
  auto parsed = parse(received.text.view());
  newer_ = newer_ || parsed.newer;
  struct visitor {
    connection_state& to;
    void operator()(ignored&) {}
    void operator()(fault& item) { to.say_fault(item.kind, item.error); }
    void operator()(rejected_request& item) { to.reject(item); }
    void operator()(text_request& item) { to.request(std::move(item)); }
    void operator()(resume_request& item) { to.resume(item); }
    void operator()(voice_start&) {
      to.send(
          encode_voice_error("voice sessions are not part of this server yet: they need a live speech model; "
                             "text sessions work"));
    }
    void operator()(voice_stop&) {}
    void operator()(text_stop&) {
      if (!to.text_) return;
      to.stop_text();
      if (to.newer_) to.send(encode_text_session_ended());
    }
    void operator()(session_stop&) {
      if (to.text_) to.stop_text();
    }
    void operator()(client_response& item) { to.answered(item); }
  };
  std::visit(visitor{*this}, parsed.message);
}

void connection_state::say_fault(const std::string& kind, const std::string& error) {
  // Once per kind and connection (contract section 14): a client that sends
  // nothing but garbage is not worth an answer to each.
  if (!said_faults_.insert(kind).second) return;
  log::warn("bad_frame", {{"client", deps_.client_id}, {"fault", kind}});
  send_in_turn(encode_fault(kind, error));
}

void connection_state::send(std::string frame, std::uint64_t turn) {
  deps_.out->send(shared_bytes(std::move(frame)), turn);
}

std::string connection_state::to_json() const {
  std::string out;
  {
    json_object to(out);
    to.text("client", deps_.client_id).text("principal", deps_.principal).text("peer", deps_.peer);
    to.number("since", since_).number("frames_in", frames_in_).number("turns", turns_begun_);
    to.number("queued_bytes", deps_.out ? deps_.out->queued_bytes() : 0);
    to.text("session", text_ ? text_->spec.id.substr(0, 8) : std::string()).number("turns_in_flight", turns_owed());
    to.flag("newer", newer_).number("waiting_requests", waiting_.size()).flag("answers_requests", answers_calls_);
    to.number("logged", logged_);
  }
  return out;
}

}  // namespace troupe::luna
