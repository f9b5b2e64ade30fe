#pragma once

/// \file
/// Blocking clients for tests: raw bytes over TCP or a unix socket, and HTTP
/// requests on top. Every read has a time limit and throws when it passes, so
/// that a broken server fails a test instead of hanging it.
///
/// Thread safety: one thread per client.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace troupe::test {

inline constexpr std::chrono::milliseconds patience{20'000};

/// A connected socket and its bytes.
class raw_client {
 public:
  explicit raw_client(std::uint16_t port, int receive_buffer = 0);
  explicit raw_client(const std::string& unix_path);
  ~raw_client();
  raw_client(raw_client&& other) noexcept;
  raw_client(const raw_client&) = delete;

  /// False if the peer has closed meanwhile.
  bool send(std::string_view bytes);
  /// What comes next, at most `size` bytes; empty at the end or after a reset.
  std::string receive_some(std::size_t size = 65536, std::chrono::milliseconds timeout = patience);
  /// Exactly `size` bytes.
  std::string receive(std::size_t size, std::chrono::milliseconds timeout = patience);
  /// Everything up to the end.
  std::string receive_all(std::chrono::milliseconds timeout = patience);
  /// Up to and with `mark`.
  std::string receive_until(std::string_view mark, std::chrono::milliseconds timeout = patience);

  int descriptor() const { return descriptor_; }
  std::uint16_t local_port() const;

 private:
  int descriptor_ = -1;
  std::string ahead_;
};

struct http_reply {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

/// Keeps its connection between requests.
class http_client {
 public:
  explicit http_client(std::uint16_t port) : raw_(port), host_("127.0.0.1:" + std::to_string(port)) {}
  explicit http_client(const std::string& unix_path) : raw_(unix_path), host_("localhost") {}

  http_reply get(std::string_view target, std::map<std::string, std::string> headers = {});
  http_reply post(std::string_view target, std::string_view body, std::map<std::string, std::string> headers = {});
  http_reply request(std::string_view method, std::string_view target, std::string_view body,
                     std::map<std::string, std::string> headers = {});
  /// The next answer on the wire; `head`: it has no body.
  http_reply read_reply(bool head = false);
  raw_client& raw() { return raw_; }

 private:
  raw_client raw_;
  std::string host_;
};

}  // namespace troupe::test
