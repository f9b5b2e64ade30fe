#include "tools/mcp_server.hpp"

#include "runtime/actor/tell.hpp"
#include "runtime/log.hpp"
#include "runtime/ports/random.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr int events_per_turn = 32;
constexpr int most_garbage = 100;
constexpr auto refresh_pause = 30s;

std::string_view text_of(failure_kind kind) {
  return to_string(kind);
}

}  // namespace

mcp_server_state::~mcp_server_state() {
  try {
    finish_all_unknown("the tool actor was restarted or ended");
  } catch (...) {  // without memory for the answer there is nothing left to say
  }
}

caf::behavior mcp_server_state::start(mcp_server_deps deps) {
  deps_ = std::move(deps);
  timer_ = self_->node().random.number();
  connect();
  return {
      [this](const tools_query&) {
        tools_listed answer;
        if (connected_)
          for (auto& each : client_.tools().all()) answer.tools.push_back(each.spec);
        return answer;
      },
      [this](const tool_start& message) { return begin(message); },
      [this](const tool_cancel& message) { cancel(message); },
      [this](const tool_ready& message) {
        if (message.connection != connection_) return;
        polled_soon_ = false;
        pump();
      },
      [this](const tool_sweep& message) {
        if (message.timer == timer_) sweep();
      },
      [this](const drain& message) { return drain_connection(message); },
  };
}

// -- the connection -----------------------------------------------------------------

void mcp_server_state::connect() {
  connection_ = self_->node().random.number();
  connect_at_.reset();
  refresh_at_.reset();
  poll_at_.reset();
  called_ = polled_soon_ = false;
  garbage_ = 0;
  ++connections_made_;
  client_ = mcp::client(deps_.options);
  client_.start();
  auto wake = [self = caf::actor_cast<caf::actor>(self_), number = connection_] {
    caf::anon_send(self, tool_ready{number});
  };
  transport_ = deps_.connect(std::move(wake));
  start_until_ = now() + deps_.start_limit;
  if (client_.is_probing() && !deps_.options.over_http) probe_until_ = now() + deps_.probe_limit;
  flush();
  pump();
}

/// Takes what the connection has, in portions, so that a cancel never waits long.
void mcp_server_state::pump() {
  poll_at_.reset();
  pumping_ = true;
  bool more = true;
  for (int i = 0; transport_ && more && i < events_per_turn; ++i) {
    auto event = transport_->poll();
    more = event.what != mcp::transport_event::kind::nothing;
    if (event.again_in) poll_at_ = now() + *event.again_in;
    take(std::move(event));
  }
  pumping_ = false;
  set_timer();
  if (transport_ && more) poll_soon();
}

void mcp_server_state::poll_soon() {
  if (std::exchange(polled_soon_, true)) return;
  tell_self(self_, tool_ready{connection_});
}

void mcp_server_state::take(mcp::transport_event event) {
  using kind = mcp::transport_event::kind;
  switch (event.what) {
    case kind::nothing: return;
    case kind::closed: return lost(event.error, event.detail);
    case kind::failed: client_.request_failed(event); break;
    case kind::streaming:
      if (auto found = calls_.find(event.request); found != calls_.end())
        found->second.deadline = std::min(now() + deps_.stream_limit, found->second.begun + deps_.longest_call);
      return;
    case kind::message: {
      const auto taken = client_.receive(event.text);
      if (taken) {
        garbage_ = 0;
      } else if (++garbage_ > most_garbage) {
        return broken({failure_kind::broken_stream, "sends what is no JSON-RPC"});
      }
      if (!taken) log::debug("mcp_bad_message", {{"server", deps_.options.server}, {"reason", taken.error().message}});
    }
  }
  take_client_events();
}

void mcp_server_state::take_client_events() {
  // A broken conversation drops the transport, and what is left is of no use.
  for (auto& event : client_.take_events())
    if (transport_) take(event);
  flush();
}

void mcp_server_state::flush() {
  if (!transport_) return;
  for (auto id : client_.take_answered()) transport_->abandon(id);
  auto messages = client_.take_outgoing();
  for (auto& message : messages) transport_->send(std::move(message));
  if (!messages.empty() && !pumping_) poll_soon();
}

void mcp_server_state::take(const mcp::client_event& event) {
  using kind = mcp::client_event::kind;
  switch (event.what) {
    case kind::negotiated:
      probe_until_.reset();
      flush();  // what ends the handshake goes first
      return transport_->established(client_.common_headers());
    case kind::listed: {
      if (!connected_) healthy_at_ = now() + deps_.healthy_after;
      connected_ = true;
      start_until_.reset();
      const auto& tools = client_.tools();
      log::info("mcp_tools_listed", {{"server", deps_.options.server},
                                     {"revision", client_.revision()},
                                     {"tools", tools.all().size()},
                                     {"left_out", tools.left_out()}});
      return send_retries();
    }
    case kind::finished: return finish(event.request, event.text, event.is_error);
    case kind::not_begun:
      refuse(event.request, {event.error.kind, "the tool server " + deps_.options.server + " " + event.error.message});
      if (event.error.kind == failure_kind::unavailable) broken(event.error);
      return;
    case kind::retry: return call_again(event.request);
    case kind::outcome_unknown:
      finish(event.request, unknown("the tool server " + deps_.options.server + " " + event.error.message), true);
      return client_.refresh();  // finds out whether the server is there at all
    case kind::progress:
      if (auto found = calls_.find(event.request); found != calls_.end())
        found->second.deadline =
            std::min(now() + std::max(deps_.stream_limit, deps_.call_limit), found->second.begun + deps_.longest_call);
      return;
    case kind::subscription_ended: refresh_at_ = now() + refresh_pause; return;
    case kind::try_older_http:
      if (!transport_->use_older_http()) return broken({failure_kind::incompatible, "refused the handshake"});
      return client_.start_over();
    case kind::broken: return broken(event.error);
  }
}

void mcp_server_state::broken(const failure& why) {
  lost(why, {});
}

void mcp_server_state::lost(const failure& why, const std::string& detail) {
  if (draining_) return drained_now();
  report_loss(why, detail);
  transport_.reset();
  connection_ = 0;
  connected_ = false;
  probe_until_.reset();
  start_until_.reset();
  poll_at_.reset();
  refresh_at_.reset();
  if (healthy_at_ && now() >= *healthy_at_) failures_ = 0;
  healthy_at_.reset();
  finish_all_unknown("the tool server " + deps_.options.server + " " + why.message);
  reconnect_later();
}

void mcp_server_state::report_loss(const failure& why, const std::string& detail) {
  std::string text = why.message;
  if (auto shown = shown_detail(detail); !shown.empty()) text += ": " + shown;
  // A server that stays away is told of once.
  const auto at = text == last_error_ ? log::level::debug : log::level::warn;
  last_error_ = text;
  log::write(at, "mcp_server_lost", {{"server", deps_.options.server}, {"kind", text_of(why.kind)}, {"reason", text}});
}

/// The last line of standard error: why a program did not start. Once calls
/// were made it may hold users' content and is not shown.
std::string mcp_server_state::shown_detail(const std::string& detail) const {
  if (called_ || connected_) return {};
  auto text = detail;
  for (auto& secret : deps_.secrets) {
    if (secret.size() < 4) continue;
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
      text.replace(at, secret.size(), "********");
  }
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  if (const auto line = text.rfind('\n'); line != std::string::npos) text.erase(0, line + 1);
  return tools::shortened(tools::valid_utf8(text), 300);
}

void mcp_server_state::reconnect_later() {
  connect_at_ = now() + next_pause();
  set_timer();
}

/// Doubles with every failure; half of it is chance, so that many that were
/// lost together do not come back together.
mcp_server_state::duration mcp_server_state::next_pause() {
  auto pause = deps_.first_pause;
  for (unsigned i = 0; i < failures_ && pause < deps_.longest_pause; ++i) pause *= 2;
  pause = std::min(pause, deps_.longest_pause);
  ++failures_;
  const auto half = static_cast<std::uint64_t>(pause.count()) / 2;
  return duration(half + self_->node().random.number() % (half + 1));
}

// -- time -----------------------------------------------------------------------------

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

std::string mcp_server_state::to_json() const {
  return "{\"server\":" + tools::json_quoted(deps_.options.server) + ",\"connected\":" + (connected_ ? "true" : "false")
         + ",\"revision\":" + tools::json_quoted(client_.revision())
         + ",\"tools\":" + std::to_string(connected_ ? client_.tools().all().size() : 0)
         + ",\"calls\":" + std::to_string(calls_.size() + retries_.size()) + ",\"served\":" + std::to_string(served_)
         + ",\"connections\":" + std::to_string(connections_made_)
         + ",\"last_error\":" + tools::json_quoted(last_error_) + "}";
}

}  // namespace troupe
