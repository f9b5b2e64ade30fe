// Time-outs and the end of an MCP server's actor.

#include "runtime/actor/tell.hpp"
#include "tools/mcp_server.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe {

using namespace std::chrono_literals;

mcp_server_state::time_point mcp_server_state::now() const {
  return self_->clock().now();
}

std::optional<mcp_server_state::time_point> mcp_server_state::next_deadline() const {
  std::optional<time_point> next;
  auto consider = [&](const std::optional<time_point>& due) {
    if (due && (!next || *due < *next)) next = due;
  };
  for (auto& due : {probe_until_, start_until_, connect_at_, refresh_at_, poll_at_, drain_until_}) consider(due);
  for (auto& [request, entry] : calls_) consider(entry.deadline);
  for (auto& entry : retries_) consider(entry.deadline);
  return next;
}

/// One timer for all deadlines. One that is due too early does no harm.
void mcp_server_state::set_timer() {
  const auto next = next_deadline();
  if (!next || (timer_at_ && *timer_at_ <= *next)) return;
  timer_at_ = next;
  tell_self_later(self_, std::max<std::chrono::nanoseconds>(*next - now(), 0ns), tool_sweep{timer_});
}

void mcp_server_state::sweep() {
  const auto time = now();
  if (timer_at_ && *timer_at_ <= time) timer_at_.reset();
  auto due = [&](std::optional<time_point>& which) {
    if (!which || *which > time) return false;
    which.reset();
    return true;
  };
  if (due(drain_until_)) return drained_now();
  expire_calls();
  if (due(connect_at_)) connect();
  if (due(probe_until_)) {
    client_.probe_expired();
    take_client_events();
  }
  if (due(start_until_) && !connected_) broken({failure_kind::timeout, "did not list its tools in time"});
  if (due(refresh_at_)) {
    client_.refresh();
    take_client_events();
  }
  if (due(poll_at_)) pump();
  set_timer();
}

// -- the end --------------------------------------------------------------------------

caf::result<drained> mcp_server_state::drain_connection(const drain& message) {
  auto promise = self_->make_response_promise<drained>();
  drain_answer_ = pending_answer<drained>(promise);
  draining_ = true;
  connect_at_.reset();
  if (!transport_) {
    drained_now();
    return promise;
  }
  finish_all_unknown("the server stops");
  drain_until_ = now() + duration(message.grace_ms);
  transport_->finish();
  pump();
  return promise;
}

void mcp_server_state::drained_now() {
  finish_all_unknown("the server stops");
  transport_.reset();
  connection_ = 0;
  connected_ = false;
  for (auto* each : {&probe_until_, &start_until_, &connect_at_, &refresh_at_, &poll_at_, &drain_until_}) each->reset();
  drain_answer_.deliver({});
}

}  // namespace troupe
