#pragma once

/// \file
/// The real `http_client` (runtime/ports): requests to language models,
/// embedders and MCP servers through libcurl (DESIGN §5 "Upstream").
///
/// One thread runs all transfers. Connections are kept and used again; HTTP/2
/// is spoken where a TLS server offers it; proxies come from the environment
/// (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`), but never stand
/// between us and a loopback address; certificates are checked against the
/// system's bundle and, if given, an extra file. Redirects are not followed and
/// nothing is decompressed: the reader gets what the server sent.
///
/// A request is sent once. libcurl would repeat one whose kept connection died
/// before an answer; that is allowed for GET, HEAD and OPTIONS only, since the
/// server may have carried out the others.
///
/// Why not several HTTP/2 streams on one connection? A paused stream would
/// either hold up its neighbours or have its bytes gather inside libcurl, up to
/// its window of 10 or 32 MiB. With a connection each, TCP holds the sender back.
///
/// Ownership: transfers may outlive the client; they have ended `interrupted`
/// by then. Thread safety: see the port. `wake` is called on the client's own
/// thread: it must not block, and destroying a transfer waits for that
/// transfer's `wake` if it is being called, unless the destroyer is that `wake`.
/// Bounds: per transfer `max_buffered` plus one piece (16 KiB) here, one piece in
/// libcurl, about 0.5 MiB in the kernel; an answer's head 256 KiB. How many
/// transfers are open is up to the caller.
/// Errors: see the port; `interrupted` when the client ends first.
/// Cost: a transfer about 10 KB and 50 µs, a piece of an answer a few µs however many
/// transfers are open; the first TLS connection reads the bundle, 20 ms.

#include "runtime/ports/http_client.hpp"

#include <memory>
#include <string>
#include <thread>

namespace troupe::upstream {

struct curl_options {
  std::string extra_ca_file;           ///< PEM; trusted besides the system's bundle; empty: none
  std::string user_agent = "troupe";   ///< sent unless a request has its own
  std::size_t kept_connections = 256;  ///< idle and busy; above it an idle one is closed
};

class curl_loop;
class extra_certificates;

class curl_client final : public http_client {
 public:
  /// `invalid` if the extra CA file cannot be read or holds no certificate.
  static expected<std::unique_ptr<curl_client>> make(curl_options options = {});

  /// Ends what is open with `interrupted` and waits for the thread.
  ~curl_client() override;
  curl_client(const curl_client&) = delete;
  curl_client& operator=(const curl_client&) = delete;

  std::unique_ptr<http_transfer> open(http_request request, std::function<void()> wake) override;

 private:
  curl_client(curl_options options, std::shared_ptr<const extra_certificates> certificates);

  curl_options options_;
  std::shared_ptr<const extra_certificates> certificates_;
  std::shared_ptr<curl_loop> loop_;
  std::thread thread_;
};

}  // namespace troupe::upstream
