// How the transfers of MCP over HTTP end, and what that means for their requests.

#include "tools/mcp/http_transport.hpp"

#include <algorithm>

namespace troupe::mcp {

void http_transport::conclude(streams::iterator at, const failure& error) {
  if (at->what == role::goodbye) return close({failure_kind::cancelled, "was ended by us"});
  if (at->what == role::listen) return conclude_listen(at, error);
  conclude_post(at, error);
}

void http_transport::conclude_post(streams::iterator at, const failure& error) {
  auto& of = *at;
  const bool good = of.head.status >= 200 && of.head.status < 300;
  if (of.request != 0 && of.is_events && error.kind == failure_kind::none && resume_later(of)) return;
  if (of.barrier) barrier_ = false;
  if (of.request == 0) {
    // A notification or an answer: nothing more to hear, whatever became of it.
  } else if (error.kind != failure_kind::none) {
    fail(of, error);
  } else if (!good) {
    transport_event event;
    event.what = transport_event::kind::failed;
    event.request = of.request;
    event.status = of.head.status;
    const bool names_session = of.body.find("ession") != std::string::npos;
    event.session_lost = of.with_session && (event.status == 404 || (event.status == 400 && names_session));
    if (event.session_lost) {
      session_.clear();
      has_listened_ = false;
      for (auto& each : streams_)
        if (each.what == role::listen) end(each);
    }
    event.text = std::move(of.body);
    ready_.push_back(std::move(event));
  } else if (older_) {
    // The answer comes on the one stream there is.
  } else if (of.is_events) {
    fail(of, {failure_kind::broken_stream, "ended its stream before the answer"});
  } else if (of.body.size() > largest_message) {
    fail(of, {failure_kind::broken_stream, "sent an answer of over 16 MiB"});
  } else if (of.head.header("content-type").starts_with("application/json") && !of.body.empty()) {
    transport_event event;
    event.what = transport_event::kind::message;
    event.text = std::move(of.body);
    ready_.push_back(std::move(event));
    // In case it was not the answer; one that has been answered takes no failure.
    fail(of, {failure_kind::broken_stream, "sent something else than the answer"});
  } else {
    fail(of, {failure_kind::broken_stream, "answered with something that is neither JSON nor a stream of events"});
  }
  end(of);
  release_held();
}

/// Revision 2025-11-25: a server may close a stream that bears event ids, to be
/// asked for the rest later.
bool http_transport::resume_later(stream& of) {
  if (stateless_ || older_ || of.last_id.empty() || of.resumed >= 5) return false;
  const auto pause = std::min<std::int64_t>(of.reader.retry_ms().value_or(1000), 30000);
  of.open_at = clock_.monotonic_ns() + pause * 1'000'000;
  ++of.resumed;
  of.transfer.reset();
  return true;
}

void http_transport::conclude_listen(streams::iterator at, const failure& error) {
  auto& of = *at;
  if (older_)
    return close(of.is_events ? failure{failure_kind::unavailable, "ended its stream"}
                 : error.kind != failure_kind::none
                     ? error
                     : failure{failure_kind::incompatible, "speaks neither streamable HTTP nor HTTP+SSE"});
  if (error.kind == failure_kind::unavailable) return close(error);
  if (!of.is_events) {
    // Never offered: fine. Offered and now refused: it has forgotten us.
    if (has_listened_) return close({failure_kind::unavailable, "has forgotten the session"});
    return end(of);
  }
  const auto pause = std::max<std::int64_t>(of.reader.retry_ms().value_or(0), listen_pause_ms_);
  listen_pause_ms_ = std::min<std::int64_t>(listen_pause_ms_ * 2, 60000);
  of.open_at = clock_.monotonic_ns() + std::min<std::int64_t>(pause, 60000) * 1'000'000;
  of.transfer.reset();
}

/// Aborts its transfer. The entry itself goes with the next round, since somebody
/// may be walking the list.
void http_transport::end(stream& of) {
  of.transfer.reset();
  of.over = true;
}

void http_transport::fail(const stream& of, failure error) {
  if (of.request == 0) return;
  transport_event event;
  event.what = transport_event::kind::failed;
  event.request = of.request;
  event.error = std::move(error);
  ready_.push_back(std::move(event));
}

void http_transport::close(failure error) {
  closed_ = true;
  closed_error_ = std::move(error);
  held_.clear();
}

}  // namespace troupe::mcp
