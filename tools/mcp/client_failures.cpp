// What becomes of a request that the transport could not get an answer to:
// the part of the client that knows HTTP's statuses.

#include "tools/mcp/client.hpp"
#include "tools/mcp/revision.hpp"

namespace troupe::mcp {
namespace {

bool is_refused_key(int status) {
  return status == 401 || status == 403;
}

failure described(const transport_event& event) {
  if (event.status == 0) return event.error;
  const auto kind = is_refused_key(event.status) ? failure_kind::auth
                    : event.status == 429        ? failure_kind::quota
                    : event.status >= 500        ? failure_kind::overload
                                                 : failure_kind::upstream;
  return {kind, "answered with HTTP status " + std::to_string(event.status)};
}

}  // namespace

/// A status of 4xx or 5xx may come with a JSON-RPC error that says more.
bool client::fail_by_body(asked what, const transport_event& event) {
  if (event.text.empty()) return false;
  const auto messages = read_rpc(event.text);
  if (!messages || messages->all.size() != 1) return false;
  const auto& error = messages->all.front();
  if (error.what != rpc_message::kind::error) return false;
  // Before the revision is known, only what no older server says counts.
  const bool settled = what == asked::call || what == asked::list || what == asked::listen;
  if (!settled && !is_stateless_code(error.code)) return false;
  take_error(what, event.request, error.code, error.text, error.body);
  return true;
}

void client::request_failed(const transport_event& event) {
  const auto found = asked_.find(event.request);
  if (found == asked_.end()) return;
  const auto what = found->second;
  asked_.erase(found);
  if (event.session_lost) {
    if (what == asked::call) emit(client_event::kind::retry, event.request);
    // One new handshake, however many requests the server refuses.
    if (state_ == state::ready) start_over();
    return;
  }
  if (fail_by_body(what, event)) return;
  const auto error = described(event);
  const bool reached = event.status != 0;
  switch (what) {
    case asked::discover:
      if (state_ != state::probing) return;
      if (reached && !is_refused_key(event.status) && options_.revision == "auto") return send_initialize();
      return break_off(error.kind, error.message);
    case asked::initialize: {
      if (state_ != state::initializing) return;
      const bool may_be_older = event.status == 400 || event.status == 404 || event.status == 405;
      if (may_be_older && options_.over_http && !std::exchange(tried_older_http_, true)) {
        state_ = state::idle;
        return emit(client_event::kind::try_older_http);
      }
      return break_off(error.kind, error.message);
    }
    case asked::list: return list_failed(error);
    case asked::listen: listening_ = 0; return emit(client_event::kind::subscription_ended);
    case asked::call:
      // 4xx: it was looked at and turned down. No connection: it never got there.
      if (error.kind == failure_kind::unavailable || (event.status >= 400 && event.status < 500))
        emit(client_event::kind::not_begun, event.request, {}, true, error);
      else
        emit(client_event::kind::outcome_unknown, event.request, {}, true, error);
  }
}

}  // namespace troupe::mcp
