#include "actors/trace_exporter.hpp"

#include "config/quote.hpp"
#include "runtime/actor/tell.hpp"
#include "runtime/inspection/otlp_json.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/random.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <charconv>

namespace troupe {
namespace {

/// Whether the same request may be taken later.
bool is_passing(const failure& why) {
  switch (why.kind) {
    case failure_kind::unavailable:
    case failure_kind::timeout:
    case failure_kind::broken_stream:
    case failure_kind::overload:
    case failure_kind::quota: return true;
    default: return false;
  }
}

failure failure_of(int status) {
  auto kind = failure_kind::upstream;
  if (status == 429) kind = failure_kind::quota;
  if (status == 502 || status == 503 || status == 504) kind = failure_kind::overload;
  if (status == 401 || status == 403) kind = failure_kind::auth;
  return {kind, "it answered " + std::to_string(status)};
}

/// In seconds; a date, which the header may also be, counts as none.
std::optional<std::chrono::milliseconds> retry_after(const http_head& head) {
  const auto text = head.header("retry-after");
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace

std::string otlp_url(const std::string& endpoint) {
  const auto authority = endpoint.find("://");
  const bool has_path = authority != endpoint.npos && endpoint.find('/', authority + 3) != endpoint.npos;
  return has_path ? endpoint : endpoint + "/v1/traces";
}

trace_exporter_state::~trace_exporter_state() {
  if (deps_.traces != nullptr) deps_.traces->stop_export();
}

caf::behavior trace_exporter_state::start(trace_exporter_deps deps) {
  deps_ = std::move(deps);
  request_ = self_->node().random.number();
  deps_.traces->start_export(deps_.batch, deps_.queue,
                             [self = caf::actor_cast<caf::actor>(self_)] { caf::anon_send(self, trace_export_due{}); });
  tell_self_later(self_, deps_.every, trace_export_due{true});
  return {
      [this](const trace_export_due& message) {
        if (message.timer) tell_self_later(self_, deps_.every, trace_export_due{true});
        send_next();
      },
      [this](const trace_export_ready& message) {
        if (message.request != request_) return;
        if (transfer_)
          pump();
        else if (batch_)
          post();
      },
      [this](const drain& message) { return begin_drain(message); },
      [this](const drain_deadline&) { drained_now(); },
  };
}

void trace_exporter_state::send_next() {
  if (batch_ || (pause_.holds(self_->clock().now()) && !draining_)) return;
  const auto turns = deps_.traces->take_finished(deps_.batch);
  if (turns.empty()) return;
  batch_ = batch{otlp_json(turns, deps_.version), turns.size(), 0};
  post();
}

void trace_exporter_state::post() {
  ++batch_->attempt;
  ++request_;
  head_ = {};
  http_request request;
  request.url = deps_.url;
  request.headers = deps_.headers;
  request.headers.emplace_back("content-type", "application/json");
  request.body = batch_->body;
  request.total_limit = deps_.request_limit;
  transfer_ = deps_.http->open(std::move(request), [self = caf::actor_cast<caf::actor>(self_), number = request_] {
    caf::anon_send(self, trace_export_ready{number});
  });
  pump();
}

void trace_exporter_state::pump() {
  constexpr int pieces = 64;  // a peer that never stops talking must not keep a worker
  for (int i = 0; i < pieces; ++i) {
    auto event = transfer_->poll();
    switch (event.kind) {
      case http_transfer::event_kind::nothing: return;
      case http_transfer::event_kind::head: head_ = std::move(event.head); break;
      case http_transfer::event_kind::body: break;
      case http_transfer::event_kind::ended: return conclude(std::move(event.error));
    }
  }
  tell_self(self_, trace_export_ready{request_});
}

void trace_exporter_state::conclude(failure error) {
  transfer_.reset();
  const bool taken = head_.status >= 200 && head_.status < 300;
  if (error.kind == failure_kind::none && !taken) error = failure_of(head_.status);
  // An answer that says it took the batch says so, whatever becomes of the rest.
  if (taken || error.kind == failure_kind::none) return succeeded();
  failed(error, !is_passing(error) || batch_->attempt >= deps_.attempts);
}

void trace_exporter_state::succeeded() {
  sent_ += batch_->turns;
  batch_.reset();
  if (pause_.succeeded()) log::info("trace_export_resumed", {{"turns_lost", lost_ + deps_.traces->export_dropped()}});
  pause_ = {};
  // More than a batch waits, or this is the last chance.
  if (draining_ || deps_.traces->waiting_for_export() >= deps_.batch) send_next();
  if (draining_ && !batch_) drained_now();
}

void trace_exporter_state::failed(const failure& why, bool for_good) {
  last_error_ = why.message;
  const auto now = self_->clock().now();
  if (pause_.failed(now, retry_after(head_), self_->node().random))
    log::warn("trace_export_failed", {{"kind", to_string(why.kind)}, {"reason", why.message}});
  if (for_good || draining_) {
    lost_ += batch_->turns;
    batch_.reset();
    if (draining_) drained_now();
    return;
  }
  ++request_;
  tell_self_later(self_, pause_.until() - now, trace_export_ready{request_});
}

caf::result<drained> trace_exporter_state::begin_drain(const drain& message) {
  auto promise = self_->make_response_promise<drained>();
  draining_ = true;
  draining_for_ = pending_answer<drained>(promise);
  const auto limit = std::min(std::chrono::milliseconds(message.grace_ms), deps_.flush_limit);
  tell_self_later(self_, limit, drain_deadline{});
  if (batch_ && !transfer_)
    post();  // it waits to be tried again: now or never
  else
    send_next();
  if (!batch_) drained_now();
  return promise;
}

/// What is left by now is lost.
void trace_exporter_state::drained_now() {
  if (std::exchange(drained_, true)) return;
  transfer_.reset();
  ++request_;
  if (batch_) lost_ += batch_->turns;
  batch_.reset();
  const auto left = deps_.traces->waiting_for_export();
  lost_ += left;
  deps_.traces->stop_export();
  if (lost_ + deps_.traces->export_dropped() > 0)
    log::warn("traces_lost", {{"turns", lost_ + deps_.traces->export_dropped()}});
  draining_for_.deliver({});
}

std::string trace_exporter_state::to_json() const {
  std::string out = "{\"sent\":" + std::to_string(sent_) + ",\"lost\":" + std::to_string(lost_)
                    + ",\"dropped\":" + std::to_string(deps_.traces->export_dropped())
                    + ",\"waiting\":" + std::to_string(deps_.traces->waiting_for_export())
                    + ",\"in_flight\":" + std::to_string(batch_ ? batch_->turns : 0)
                    + ",\"attempt\":" + std::to_string(batch_ ? batch_->attempt : 0);
  out += ",\"last_error\":";
  config::append_json_string(out, last_error_);
  return out + "}";
}

}  // namespace troupe
