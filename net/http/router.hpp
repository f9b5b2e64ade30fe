#pragma once

/// \file
/// Which handler a request gets: method and path pattern.
///
/// Patterns: "/a/b", "/mcp/{client_id}/{name}" (one segment each),
/// "/files/{path...}" (the rest, at the end only). A fixed segment beats a
/// parameter; the first added wins a tie. GET answers HEAD, without the body.
///
/// Thread safety: filled before the server starts, read-only afterwards.
/// Cost: linear in the number of routes (some dozen).

#include "net/admission.hpp"
#include "net/http/message.hpp"
#include "net/ws/handler.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace troupe::net {

using http_handler = std::function<void(const http_request&, std::shared_ptr<http_responder>)>;
/// Makes the body of an error the server itself answers with.
using error_renderer = std::function<http_response(unsigned status, std::string_view detail)>;

struct route_options {
  access needs = access::token;
  std::size_t body_limit = 1024 * 1024;
};

struct websocket_route_options {
  access needs = access::token;
  std::size_t message_limit = 16 * 1024 * 1024;
  bool binary_as_text = false;  ///< a binary message that is UTF-8 goes to `on_text`
};

class router {
 public:
  struct http_route {
    std::string method;
    std::vector<std::string> pattern;
    http_handler handler;
    route_options options;
  };
  struct websocket_route {
    std::vector<std::string> pattern;
    websocket_factory factory;
    websocket_route_options options;
  };
  template <class Route>
  struct match {
    const Route* route = nullptr;
    std::map<std::string, std::string> parameters;
  };

  void add(std::string method, std::string_view pattern, http_handler handler, route_options options = {});
  void add_websocket(std::string_view pattern, websocket_factory factory, websocket_route_options options = {});
  /// The errors below a path prefix get another body; the longest prefix wins.
  void render_errors(std::string prefix, error_renderer renderer);

  match<http_route> find(std::string_view method, const request_target& target) const;
  match<websocket_route> find_websocket(const request_target& target) const;
  /// "GET, HEAD, POST": empty if the path is unknown.
  std::string allowed_methods(const request_target& target) const;
  http_response error(const std::string& path, unsigned status, std::string_view detail) const;

 private:
  std::vector<http_route> routes_;
  std::vector<websocket_route> websockets_;
  std::vector<std::pair<std::string, error_renderer>> renderers_;
};

}  // namespace troupe::net
