#pragma once

/// \file
/// A request and its answer as the handlers of routes see them; no Beast here.
///
/// Thread safety: requests and responses are values; `http_responder` may be
/// used from any thread.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::net {

class io_gate;

/// Header fields in order of arrival; names compare without case.
class header_fields {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  std::optional<std::string_view> find(std::string_view name) const;
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request target taken apart and percent-decoded.
struct request_target {
  std::string path;                   ///< decoded
  std::vector<std::string> segments;  ///< of the path, each decoded after the split
  std::multimap<std::string, std::string> query;

  std::optional<std::string_view> parameter(std::string_view name) const;
};

/// Nothing if the target is no absolute path or a percent escape is broken.
std::optional<request_target> parse_target(std::string_view target);

/// An upgrade or a request, after admission.
struct upgrade_request {
  request_target target;
  header_fields headers;
  std::map<std::string, std::string> parameters;  ///< of the route's pattern
  std::string peer_address;
  bool loopback = false;       ///< the peer is on this machine (TCP)
  bool local_control = false;  ///< the peer is this user on the control socket
  std::string principal;       ///< "operator", "local", "anonymous", "token:NAME"
  /// Of an upgrade: the thread its connection lives on, for timers of its own.
  std::shared_ptr<io_gate> thread;
};

struct http_request : upgrade_request {
  std::string method;
  std::string body;
};

struct http_response {
  unsigned status = 200;
  std::string body = {};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< further ones
};

/// The right to answer one request, once. Dropped unanswered it answers 500,
/// so that no client waits for an actor that died.
class http_responder {
 public:
  explicit http_responder(std::function<void(http_response)> sink) : sink_(std::move(sink)) {}
  ~http_responder();
  http_responder(const http_responder&) = delete;
  http_responder& operator=(const http_responder&) = delete;

  /// False, and nothing sent, if it was answered before.
  bool respond(http_response response);

 private:
  std::function<void(http_response)> sink_;
  std::atomic<bool> answered_{false};
};

/// `{"detail":"..."}`, the default form of every error of the server.
http_response detail_response(unsigned status, std::string_view detail);

}  // namespace troupe::net
