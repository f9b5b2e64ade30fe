#include "tools/mcp/http_transport.hpp"

#include "tools/mcp/endpoint_url.hpp"
#include "tools/mcp/revision.hpp"

#include <algorithm>

namespace troupe::mcp {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view json_type = "application/json";
constexpr std::string_view events_type = "text/event-stream";

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool has_header(const http_headers& headers, std::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [&](auto& each) { return each.first == name; });
}

}  // namespace

http_transport::http_transport(http_options options, http_client& client, const clock_port& clock,
                               std::function<void()> wake)
    : options_(std::move(options)), client_(client), clock_(clock), wake_(std::move(wake)), post_url_(options_.url) {}

// -- sending ----------------------------------------------------------------------

http_request http_transport::request_to(std::string method, const std::string& url) const {
  http_request request;
  request.method = std::move(method);
  request.url = url;
  request.headers = options_.headers;
  if (!session_.empty()) request.headers.emplace_back("Mcp-Session-Id", session_);
  request.connect_limit = std::min(options_.request_limit, std::chrono::milliseconds(10s));
  return request;
}

void http_transport::send(outgoing message) {
  if (closed_ || finishing_) return;
  if (barrier_ || post_url_.empty() || !held_.empty())
    held_.push_back(std::move(message));
  else
    post(std::move(message));
}

void http_transport::post(outgoing message) {
  auto request = request_to("POST", post_url_);
  request.headers.emplace_back("Content-Type", json_type);
  request.headers.emplace_back("Accept", std::string(json_type) + ", " + std::string(events_type));
  for (auto& each : message.headers) request.headers.push_back(std::move(each));
  request.body = std::move(message.text);
  request.stall_limit = message.long_lived ? 0ms : options_.stall_limit;
  stream made;
  made.request = message.request;
  made.barrier = message.barrier;
  made.with_session = !session_.empty();
  made.transfer = client_.open(std::move(request), wake_);
  if (message.barrier) barrier_ = true;
  streams_.push_back(std::move(made));
}

void http_transport::release_held() {
  while (!held_.empty() && !barrier_ && !post_url_.empty()) {
    auto next = std::move(held_.front());
    held_.pop_front();
    post(std::move(next));
  }
}

void http_transport::abandon(std::int64_t request) {
  std::erase_if(streams_,
                [&](auto& each) { return each.what == role::post && each.request == request && request != 0; });
  std::erase_if(held_, [&](auto& each) { return each.request == request && request != 0; });
}

void http_transport::established(http_headers headers) {
  stateless_ =
      has_header(headers, "MCP-Protocol-Version")
      && std::any_of(headers.begin(), headers.end(), [](auto& each) { return each.second == stateless_revision; });
  listen_headers_ = std::move(headers);
  if (!older_ && !stateless_) open_listen("");
}

void http_transport::open_listen(std::string last_id) {
  auto request = request_to("GET", options_.url);
  request.headers.emplace_back("Accept", events_type);
  for (auto& each : listen_headers_) request.headers.push_back(each);
  if (!last_id.empty()) request.headers.emplace_back("Last-Event-ID", last_id);
  request.stall_limit = 0ms;
  stream made;
  made.what = role::listen;
  made.last_id = std::move(last_id);
  made.transfer = client_.open(std::move(request), wake_);
  streams_.push_back(std::move(made));
}

bool http_transport::use_older_http() {
  older_ = true;
  post_url_.clear();
  open_listen("");
  return true;
}

void http_transport::finish() {
  if (closed_ || finishing_) return;
  finishing_ = true;
  streams_.clear();
  held_.clear();
  if (session_.empty() || options_.keep_session || older_) return close({failure_kind::cancelled, "was ended by us"});
  auto request = request_to("DELETE", options_.url);
  for (auto& each : listen_headers_) request.headers.push_back(each);
  request.total_limit = 2s;
  stream made;
  made.what = role::goodbye;
  made.transfer = client_.open(std::move(request), wake_);
  streams_.push_back(std::move(made));
}

// -- receiving --------------------------------------------------------------------

transport_event http_transport::poll() {
  transport_event event;
  while (ready_.empty() && !closed_) {
    std::erase_if(streams_, [](auto& each) { return each.over; });
    bool more = false;
    const auto due = reopen_due();
    for (auto at = streams_.begin(); at != streams_.end() && ready_.empty() && !closed_; ++at) more = pump(at) || more;
    if (!more && ready_.empty() && !closed_) {
      event.again_in = due;
      return event;
    }
  }
  if (closed_) streams_.clear();
  if (!ready_.empty()) {
    event = std::move(ready_.front());
    ready_.pop_front();
    return event;
  }
  event.what = transport_event::kind::closed;
  event.error = closed_error_;
  return event;
}

/// Takes up again what is due; says when the next is.
std::optional<std::chrono::milliseconds> http_transport::reopen_due() {
  std::optional<std::chrono::milliseconds> next;
  const auto now = clock_.monotonic_ns();
  for (auto current = streams_.begin(); current != streams_.end(); ++current) {
    if (current->transfer || current->over) continue;
    if (current->open_at > now) {
      const std::chrono::milliseconds left((current->open_at - now + 999'999) / 1'000'000);
      if (!next || left < *next) next = left;
      continue;
    }
    auto request = request_to("GET", options_.url);
    request.headers.emplace_back("Accept", events_type);
    for (auto& each : listen_headers_) request.headers.push_back(each);
    if (!current->last_id.empty()) request.headers.emplace_back("Last-Event-ID", current->last_id);
    request.stall_limit = current->what == role::listen ? 0ms : options_.stall_limit;
    current->head = {};
    current->is_events = false;
    current->reader = upstream::sse_reader(largest_message);
    current->body.clear();
    current->transfer = client_.open(std::move(request), wake_);
  }
  return next;
}

/// One event of one transfer; false if it had none.
bool http_transport::pump(streams::iterator at) {
  if (!at->transfer) return false;
  auto event = at->transfer->poll();
  switch (event.kind) {
    case http_transfer::event_kind::nothing: return false;
    case http_transfer::event_kind::head: take_head(*at, std::move(event.head)); break;
    case http_transfer::event_kind::body: take_body(*at, event.bytes); break;
    case http_transfer::event_kind::ended: conclude(at, event.error); break;
  }
  return true;
}

void http_transport::take_head(stream& of, http_head head) {
  of.head = std::move(head);
  const bool good = of.head.status >= 200 && of.head.status < 300;
  if (!good || of.what == role::goodbye) return;
  const auto session = of.head.header("mcp-session-id");
  if (session_.empty() && !of.with_session && session.size() <= 1024 && is_visible(session) && !older_)
    session_ = session;
  of.is_events = of.head.header("content-type").starts_with(events_type);
  if (of.is_events && of.what == role::listen) has_listened_ = true;
  if (!of.is_events || of.what != role::post || of.request == 0 || of.announced) return;
  of.announced = true;
  transport_event event;
  event.what = transport_event::kind::streaming;
  event.request = of.request;
  ready_.push_back(std::move(event));
}

void http_transport::take_body(stream& of, std::string_view bytes) {
  if (!of.is_events) {
    const bool good = of.head.status >= 200 && of.head.status < 300;
    const std::size_t limit = good ? largest_message : 64 * 1024;
    // One byte over tells `conclude` that it is too long.
    of.body.append(bytes.substr(0, std::min(bytes.size(), limit + 1 - std::min(limit + 1, of.body.size()))));
    return;
  }
  of.reader.feed(bytes);
  while (true) {
    auto event = of.reader.next();
    if (!event) {
      if (older_) return close(event.error());
      fail(of, event.error());
      return end(of);
    }
    if (!*event) return;
    take_event(of, std::move(**event));
    if (closed_) return;
  }
}

void http_transport::take_event(stream& of, upstream::sse_event event) {
  if (!event.id.empty()) of.last_id = event.id;
  of.resumed = 0;
  if (of.what == role::listen) listen_pause_ms_ = 1000;
  if (older_ && event.type == "endpoint") return take_endpoint(event.data);
  if (event.type != "message" || event.data.empty()) return;
  transport_event made;
  made.what = transport_event::kind::message;
  made.text = std::move(event.data);
  ready_.push_back(std::move(made));
}

void http_transport::take_endpoint(const std::string& endpoint) {
  auto url = endpoint_url(options_.url, endpoint);
  if (!url) return close(url.error());
  post_url_ = std::move(*url);
  release_held();
}

}  // namespace troupe::mcp
