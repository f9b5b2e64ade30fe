#pragma once

/// \file
/// MCP over HTTP: streamable HTTP (2025-03-26 to 2026-07-28), and HTTP+SSE of
/// 2024-11-05 once `use_older_http` was called.
///
/// Every message is a POST of its own; its answer is JSON or a stream of
/// events. `Mcp-Session-Id` is kept and sent. With a handshake, a GET stream
/// carries the server's own messages if it offers one (405 is fine); it is opened again
/// when it ends. A POST's stream that the server closes on purpose before the
/// answer is taken up again from its last event id. At the end the session
/// is deleted unless `keep_session`.
///
/// Ownership: owns its transfers; the client must outlive it. Thread safety
/// and errors: transport.hpp; messages name neither URL nor headers.
/// Bounds: 16 MiB an answer or event; transfers are the caller's to bound.
/// Source: the specification's "Transports: Streamable HTTP" of each revision,
/// contracts/luna.md 11.4.

#include "net/upstream/sse_reader.hpp"
#include "runtime/ports/clock.hpp"
#include "tools/mcp/transport.hpp"

#include <deque>
#include <list>

namespace troupe::mcp {

struct http_options {
  std::string url;
  http_headers headers;                            ///< configured: keys and the like
  std::chrono::milliseconds request_limit{30000};  ///< to connect
  std::chrono::milliseconds stall_limit{60000};    ///< without a byte, of an answer
  bool keep_session = false;
};

class http_transport final : public transport {
 public:
  http_transport(http_options options, http_client& client, const clock_port& clock, std::function<void()> wake);

  void send(outgoing message) override;
  transport_event poll() override;
  void abandon(std::int64_t request) override;
  void established(http_headers headers) override;
  bool use_older_http() override;
  void finish() override;

 private:
  enum class role { post, listen, goodbye };
  struct stream {
    role what = role::post;
    std::int64_t request = 0;
    bool barrier = false;
    bool with_session = false;
    std::unique_ptr<http_transfer> transfer;  ///< none: waiting to be taken up again
    http_head head;
    bool is_events = false;
    upstream::sse_reader reader{largest_message};
    std::string body;
    std::string last_id;
    int resumed = 0;           ///< times in a row without an event
    bool announced = false;    ///< `streaming` was said
    bool over = false;         ///< to be removed; its transfer is gone
    std::int64_t open_at = 0;  ///< clock, ns: when to take it up again
  };
  using streams = std::list<stream>;

  void post(outgoing message);
  http_request request_to(std::string method, const std::string& url) const;
  void open_listen(std::string last_id);
  bool pump(streams::iterator at);
  void take_head(stream& of, http_head head);
  void take_body(stream& of, std::string_view bytes);
  void take_event(stream& of, upstream::sse_event event);
  void conclude(streams::iterator at, const failure& error);
  void conclude_post(streams::iterator at, const failure& error);
  void conclude_listen(streams::iterator at, const failure& error);
  bool resume_later(stream& of);
  void take_endpoint(const std::string& endpoint);
  void release_held();
  static void end(stream& of);
  void fail(const stream& of, failure error);
  void close(failure error);
  std::optional<std::chrono::milliseconds> reopen_due();

  http_options options_;
  http_client& client_;
  const clock_port& clock_;
  std::function<void()> wake_;
  std::string session_;
  std::string post_url_;
  http_headers common_;
  streams streams_;
  std::deque<transport_event> ready_;
  std::deque<outgoing> held_;  ///< behind a barrier, or before the endpoint is known
  bool barrier_ = false;
  bool older_ = false;
  bool stateless_ = false;
  bool has_listened_ = false;
  bool finishing_ = false;
  bool closed_ = false;
  failure closed_error_;
  std::int64_t listen_pause_ms_ = 1000;
  http_headers listen_headers_;
};

}  // namespace troupe::mcp
