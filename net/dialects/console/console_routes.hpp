#pragma once

/// \file
/// Where operators come in: `/console/` (pages), `/console/api/...` (the
/// interface of docs/console.md), `WS /console/live`, `GET /metrics`.
///
/// What there is to see and to do knows the inspector alone: everything below
/// /console/api/ but login, logout and me becomes one question to it, and its
/// answer goes out as it is.
///
/// Thread safety: `add_routes` once, before the server starts. What `services`
/// names must outlive the server. Handlers block no I/O thread.
/// Faults: `{"detail"}` with 400, 401, 403, 404, 405, 413, 415, 429; others are
/// the inspector's.

#include "net/dialects/console/gatekeeper.hpp"
#include "net/dialects/console/static_pages.hpp"
#include "net/http/router.hpp"
#include "runtime/ports/ask_inspector.hpp"

#include <functional>
#include <string>
#include <vector>

namespace troupe::console {

struct services {
  ask_inspector_function ask;
  operator_verifier verify;
  /// Whether a token that `verify` found has been neither removed nor replaced.
  std::function<bool(const known_token&)> still_known;
  const clock_port* clock = nullptr;
  random_port* random = nullptr;
  std::string version;
  bool secure = false;  ///< connections are TLS; a page loaded by https tells so itself
  /// Gives the figures, on whatever thread, or nothing when too much is under way; without it /metrics is 404.
  std::function<void(std::function<void(std::optional<std::string>)>)> metrics_text = {};
  std::vector<page> pages = {};
};

void add_routes(net::router& routes, services with);

}  // namespace troupe::console
