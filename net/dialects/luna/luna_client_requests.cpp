// Requests to the client: its tools, its memories, its log and its MCP servers
// (contract luna.md 10.3, 11).

#include "net/dialects/luna/luna_connection.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <vector>

namespace troupe::luna {

caf::result<tool_result> connection_state::begin_call(const tool_start& message) {
  const auto& call = message.call;
  if (was_cancelled(message.ref, call.id) || !text_)
    return to_error({failure_kind::cancelled, "the call was cancelled before it began"});
  auto prepared = prepare_call(call, newer_, deps_.node->clock.wall_ms());
  if (!prepared) {
    if (prepared.error().kind != failure_kind::invalid) return to_error(prepared.error());
    auto result = error_result(call, prepared.error().message);
    log_execution(call, result);
    return result;
  }
  if (prepared->type.empty()) return tool_result{call.id, call.name, std::move(prepared->told), false};
  if (prepared->waits && !answers_calls_)
    return error_result(call,
                        "The client gave no answer to an earlier request and is not asked again on this connection");
  if (waiting_.size() >= deps_.max_waiting_requests)
    return to_error({failure_kind::busy, "too many requests to this client wait for their answers"});
  if (!prepared->waits) {
    send(encode_request(*prepared, deps_.node->random.uuid()));
    auto result = sent_result(call);
    log_execution(call, result);
    return result;
  }
  auto promise = self_->make_response_promise<tool_result>();
  waiting_request entry;
  entry.what = waiting_for::call;
  entry.deadline = deps_.node->clock.monotonic_ns() + std::chrono::nanoseconds(deps_.call_limit).count();
  entry.ref = message.ref;
  entry.call = call;
  entry.shape = prepared->shape;
  entry.result = pending_answer<tool_result>(promise);
  ask_client(*prepared, std::move(entry));
  return promise;
}

/// What the client remembers, for a turn's prompt.
caf::result<memory_recalled> connection_state::recall(const memory_recall& message) {
  if (!has_answered_ || !answers_calls_ || !answers_recall_ || waiting_.size() >= deps_.max_waiting_requests)
    return memory_recalled{message.ref, {}};
  auto promise = self_->make_response_promise<memory_recalled>();
  waiting_request entry;
  entry.what = waiting_for::recall;
  entry.deadline = deps_.node->clock.monotonic_ns() + std::chrono::nanoseconds(deps_.recall_limit).count();
  entry.ref = message.ref;
  entry.limit = message.options.k;
  entry.recalled = pending_answer<memory_recalled>(promise);
  ask_client(recall_call(message.query), std::move(entry));
  return promise;
}

void connection_state::log_execution(const tool_call& call, const tool_result& result) {
  if (!newer_ || !answers_log_ || !answers_calls_ || !is_logged(call.name)) return;
  if (waiting_.size() >= deps_.max_waiting_requests) return;  // calls come before their log
  waiting_request entry;
  entry.what = waiting_for::log;
  entry.deadline = deps_.node->clock.monotonic_ns() + std::chrono::nanoseconds(deps_.call_limit).count();
  ask_client(log_call(call, result.content), std::move(entry));
}

void connection_state::relay(const client_relay& message) {
  if (message.waits) {
    waiting_request entry;
    entry.what = waiting_for::relay;
    entry.deadline = deps_.node->clock.monotonic_ns() + std::chrono::nanoseconds(deps_.relay_limit).count();
    wait_for(message.request_id, std::move(entry));
  }
  deps_.out->send(message.frame, 0);
  if (!message.waits && deps_.relays) deps_.relays->finish(message.request_id, passed_on());
}

void connection_state::ask_client(const client_call& call, waiting_request entry) {
  auto request_id = deps_.node->random.uuid();
  send(encode_request(call, request_id));
  wait_for(std::move(request_id), std::move(entry));
}

void connection_state::wait_for(std::string request_id, waiting_request entry) {
  waiting_.insert_or_assign(std::move(request_id), std::move(entry));
  set_timer();
}

/// Unmatched answers are dropped: late ones, those to requests that did not
/// wait, and what nobody asked for (contract 11.2).
void connection_state::answered(const client_response& response) {
  auto found = waiting_.find(response.request_id);
  if (found == waiting_.end()) return;
  auto entry = std::move(found->second);
  waiting_.erase(found);
  has_answered_ = has_answered_ || entry.what == waiting_for::call;
  switch (entry.what) {
    case waiting_for::call: return end_call(entry, read_result(entry.call, entry.shape, response));
    case waiting_for::recall:
      return entry.recalled.deliver(memory_recalled{entry.ref, read_memories(response, entry.limit)});
    case waiting_for::log:
      if (succeeded(response)) logged();
      return;
    case waiting_for::memories: material_.memories = list_json(response, "memories"); return learn();
    case waiting_for::log_list: return learn_from({std::move(material_.memories), list_json(response, "logs")});
    case waiting_for::relay:
      if (deps_.relays) deps_.relays->finish(response.request_id, relayed_answer(response.data));
      return;
  }
}

void connection_state::end_call(waiting_request& entry, tool_result result) {
  log_execution(entry.call, result);
  entry.result.deliver(std::move(result));
}

void connection_state::fail_calls(const std::string& why) {
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    auto& entry = each->second;
    if (entry.what == waiting_for::call) entry.result.deliver(error_result(entry.call, why));
    if (entry.what == waiting_for::recall) entry.recalled.deliver(memory_recalled{entry.ref, {}});
    const bool ended = entry.what == waiting_for::call || entry.what == waiting_for::recall;
    each = ended ? waiting_.erase(each) : std::next(each);
  }
}

void connection_state::cancel_calls(const tool_cancel& message) {
  if (message.ref.turn == 0) return;
  // Empty until it is needed: most connections are idle, and pay for it.
  if (cancelled_.size() < 32)
    cancelled_.push_back(message);
  else
    cancelled_[next_cancelled_] = message;
  next_cancelled_ = (next_cancelled_ + 1) % 32;
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    auto& entry = each->second;
    const bool meant = entry.what == waiting_for::call && entry.ref.turn == message.ref.turn
                       && (message.id.empty() || entry.call.id == message.id);
    if (meant) entry.result.fail({failure_kind::cancelled, "the call was cancelled"});
    each = meant ? waiting_.erase(each) : std::next(each);
  }
}

bool connection_state::was_cancelled(const turn_ref& ref, const std::string& id) const {
  return std::any_of(cancelled_.begin(), cancelled_.end(), [&](const tool_cancel& each) {
    return each.ref.turn == ref.turn && (each.id.empty() || each.id == id);
  });
}

// -- time ---------------------------------------------------------------------

void connection_state::sweep(std::uint64_t timer) {
  if (timer != timer_) return;  // an earlier deadline has taken its place
  timer_at_ = 0;
  const auto now = deps_.node->clock.monotonic_ns();
  std::vector<std::pair<std::string, waiting_request>> late;
  for (auto each = waiting_.begin(); each != waiting_.end();) {
    if (each->second.deadline > now) {
      ++each;
      continue;
    }
    late.emplace_back(each->first, std::move(each->second));
    each = waiting_.erase(each);
  }
  for (auto& [request_id, entry] : late) time_out(request_id, entry);
  set_timer();
}

void connection_state::time_out(const std::string& request_id, waiting_request& entry) {
  switch (entry.what) {
    case waiting_for::call:
      answers_calls_ = false;
      log::info("client_gave_no_answer", {{"client", deps_.client_id}, {"tool", entry.call.name}});
      return end_call(entry, error_result(entry.call, "Request timeout"));
    case waiting_for::recall: answers_recall_ = false; return entry.recalled.deliver(memory_recalled{entry.ref, {}});
    case waiting_for::log:
    case waiting_for::memories:
    case waiting_for::log_list: answers_log_ = false; return;
    case waiting_for::relay:
      if (deps_.relays) deps_.relays->finish(request_id, late_answer());
      return;
  }
}

void connection_state::set_timer() {
  std::int64_t next = 0;
  for (auto& [request_id, entry] : waiting_) next = next == 0 ? entry.deadline : std::min(next, entry.deadline);
  if (next == 0 || (timer_at_ != 0 && timer_at_ <= next)) return;
  timer_at_ = next;
  const auto left = std::max<std::int64_t>(next - deps_.node->clock.monotonic_ns(), 0);
  tell_self_later(self_, std::chrono::nanoseconds(left), tool_sweep{++timer_});
}

}  // namespace troupe::luna
