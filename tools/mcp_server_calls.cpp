// The calls of an MCP server's actor: begin, end, time-out, cancel.

#include "runtime/inspection/turn_traces.hpp"
#include "tools/mcp_server.hpp"
#include "tools/schema_check.hpp"

#include <caf/all.hpp>

namespace troupe {

caf::result<tool_result> mcp_server_state::begin(const tool_start& message) {
  const auto& call = message.call;
  const auto server = "the tool server " + deps_.options.server;
  if (cancelled_.contains(message.ref.turn, call.id))
    return to_error({failure_kind::cancelled, "the call was cancelled before it began"});
  if (draining_ || !connected_ || !transport_)
    return to_error({failure_kind::unavailable, server + " is not connected"});
  if (calls_.size() + retries_.size() >= deps_.most_calls)
    return to_error({failure_kind::busy, server + " has too many calls in flight"});
  const auto* tool = client_.tools().find(call.name);
  if (!tool) return to_error({failure_kind::not_found, server + " has no tool of that name"});
  const auto arguments = tools::read_arguments(tool->spec.schema, call.arguments);
  if (!arguments) return tool_result{call.id, call.name, arguments.error().message, true};
  if (call.arguments.size() + 4096 > mcp::largest_message)
    return tool_result{call.id, call.name, "arguments may be at most 16 MiB", true};
  auto promise = self_->make_response_promise<tool_result>();
  waiting_call entry{message.ref, call, pending_answer<tool_result>(promise), now(), now() + deps_.call_limit};
  ++served_;
  if (client_.is_ready())
    send(std::move(entry));
  else
    retries_.push_back(std::move(entry));  // a new session is being made
  set_timer();
  return promise;
}

/// REQUIRES: the client is ready.
void mcp_server_state::send(waiting_call entry) {
  const auto* tool = client_.tools().find(entry.call.name);
  if (!tool) return entry.answer.fail({failure_kind::not_found, "the tool server has no tool of that name any more"});
  const auto arguments = tools::read_arguments("", entry.call.arguments);
  called_ = true;
  std::string traceparent;
  if (const auto* traces = self_->node().traces)
    traceparent = traces->traceparent(entry.ref.turn, span_kind::tool, span_key(entry.call.id));
  const auto request = client_.call(*tool, arguments->root(), traceparent);
  calls_.emplace(request, std::move(entry));
  count_calls();
  flush();
}

/// The server never looked at it, so it may be sent a second time.
void mcp_server_state::call_again(std::int64_t request) {
  auto found = calls_.find(request);
  if (found == calls_.end()) return;
  retries_.push_back(std::move(found->second));
  calls_.erase(found);
  count_calls();
}

void mcp_server_state::send_retries() {
  for (auto& each : std::exchange(retries_, {})) send(std::move(each));
}

void mcp_server_state::finish(std::int64_t request, std::string content, bool is_error) {
  auto found = calls_.find(request);
  if (found == calls_.end()) return;
  auto entry = std::move(found->second);
  calls_.erase(found);
  count_calls();
  entry.answer.deliver({entry.call.id, entry.call.name, std::move(content), is_error});
}

void mcp_server_state::refuse(std::int64_t request, const failure& why) {
  auto found = calls_.find(request);
  if (found == calls_.end()) return;
  found->second.answer.fail(why);
  calls_.erase(found);
  count_calls();
}

void mcp_server_state::count_calls() {
  self_->cell().in_flight.store(calls_.size(), std::memory_order_relaxed);
}

std::string mcp_server_state::unknown(const std::string& why) const {
  return "outcome unknown: " + why + "; the call may or may not have had its effect";
}

void mcp_server_state::finish_all_unknown(const std::string& why) {
  auto all = std::exchange(calls_, {});
  count_calls();
  for (auto& [request, entry] : all) entry.answer.deliver({entry.call.id, entry.call.name, unknown(why), true});
  for (auto& entry : std::exchange(retries_, {})) entry.answer.fail({failure_kind::unavailable, why});
}

void mcp_server_state::expire_calls() {
  const auto time = now();
  std::vector<std::int64_t> late;
  for (auto& [request, entry] : calls_)
    if (entry.deadline <= time) late.push_back(request);
  for (auto request : late) {
    const auto& entry = calls_.at(request);
    const auto lasted = std::chrono::duration_cast<std::chrono::seconds>(time - entry.begun).count();
    client_.cancel(request, "timed out");
    if (transport_) transport_->abandon(request);
    finish(request,
           unknown("the tool server " + deps_.options.server + " gave no answer in " + std::to_string(lasted) + " s"),
           true);
  }
  std::erase_if(retries_, [&](waiting_call& entry) {
    if (entry.deadline > time) return false;
    entry.answer.fail(
        {failure_kind::timeout, "the tool server " + deps_.options.server + " made no new session in time"});
    return true;
  });
  flush();
}

void mcp_server_state::cancel(const tool_cancel& message) {
  cancelled_.remember(message);
  const failure why{failure_kind::cancelled, "the call was cancelled"};
  auto meant = [&](const waiting_call& entry) {
    return entry.ref.turn == message.ref.turn && (message.id.empty() || entry.call.id == message.id);
  };
  std::vector<std::int64_t> found;
  for (auto& [request, entry] : calls_)
    if (meant(entry)) found.push_back(request);
  for (auto request : found) {
    client_.cancel(request, "cancelled by the user");
    if (transport_) transport_->abandon(request);
    refuse(request, why);
  }
  std::erase_if(retries_, [&](waiting_call& entry) {
    if (!meant(entry)) return false;
    entry.answer.fail(why);
    return true;
  });
  flush();
}

}  // namespace troupe
