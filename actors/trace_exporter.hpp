#pragma once

/// \file
/// The exporter of traces: sends the turns that have ended to an OpenTelemetry
/// collector, as OTLP/JSON over HTTP (docs/console.md "Traces elsewhere").
///
/// A batch goes when `batch` turns are there or `every` has passed; one request
/// at a time. What the collector cannot take now (no connection, 429, 502, 503,
/// 504) is sent again after a pause that doubles (back_off.hpp), or as long as it asks for; what
/// it refuses is given up, and so is a batch after `attempts`. Meanwhile turns
/// are put by in `turn_traces`, up to `queue`; the next are dropped there. So a
/// collector that is down or slow costs turns nothing and traces, which are
/// counted.
///
/// `drain` sends what is left and is answered when that is done, or given up
/// after `flush_limit`.
///
/// Ownership: one per node. `traces` and `http` must outlive it.
/// Source: OTLP 1.10 "OTLP/HTTP Response", "Retryable Response Codes".

#include "actors/back_off.hpp"
#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/trace_export.hpp"
#include "runtime/ports/http_client.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

class turn_traces;

struct trace_exporter_deps {
  turn_traces* traces = nullptr;
  http_client* http = nullptr;
  std::string url;  ///< see `otlp_url`
  http_headers headers;
  std::string version;  ///< of this program
  std::size_t batch = 512;
  std::size_t queue = 8192;
  std::chrono::milliseconds every{5000};
  std::chrono::milliseconds request_limit{10000};
  unsigned attempts = 8;
  std::chrono::milliseconds flush_limit{2000};
};

struct trace_exporter_state {
  using self_pointer = role<trace_exporter_state>*;
  static constexpr const char* name = "trace_exporter";

  explicit trace_exporter_state(self_pointer self) : self_(self) {}
  ~trace_exporter_state();
  caf::behavior start(trace_exporter_deps deps);
  std::string to_json() const;

 private:
  /// The batch that is on its way, or waits to be tried again.
  struct batch {
    std::string body;
    std::size_t turns = 0;
    unsigned attempt = 0;
  };

  void send_next();
  void post();
  void pump();
  void conclude(failure error);
  void failed(const failure& why, bool for_good);
  void succeeded();
  caf::result<drained> begin_drain(const drain& message);
  void drained_now();

  self_pointer self_;
  trace_exporter_deps deps_;
  std::optional<batch> batch_;
  std::unique_ptr<http_transfer> transfer_;
  http_head head_;
  std::uint64_t request_ = 0;  ///< wakes and timers of earlier ones never match
  back_off pause_;
  std::uint64_t sent_ = 0;  ///< turns
  std::uint64_t lost_ = 0;  ///< turns given up
  bool draining_ = false;
  bool drained_ = false;
  std::string last_error_;
  pending_answer<drained> draining_for_;
};

using trace_exporter_role = role<trace_exporter_state>;

/// Where traces go for an OTLP_ENDPOINT: itself if it has a path, else with /v1/traces.
std::string otlp_url(const std::string& endpoint);

}  // namespace troupe
