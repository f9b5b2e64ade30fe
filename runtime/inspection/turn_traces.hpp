#pragma once

/// \file
/// The traces of turns: what each went through, noted by the roles it passed
/// (DESIGN §10, docs/console.md "Turns"). One turn is one trace.
///
/// Problem: an operator asks where a turn spent its time, of one that is stuck
/// now and of one that was slow an hour ago; and turns must not pay for it.
/// Here every turn has one record, found by its id, into which roles write a
/// few words; records are used again, so that a turn without tools allocates
/// nothing once the rings are full.
///
/// Kept: every turn in flight, the last `kept` that ended, and the last
/// `kept_slow` that were slow or failed.
///
/// Invariants
///   1. Notes about a turn that is not known (never begun, over the bound,
///      forgotten) do nothing, so no role needs to know.
///   2. After `end` a record changes no more, but that `learn` may be noted,
///      and nothing notes `end` twice.
///   3. Spans that are open at the end end with it.
///
/// Ownership: outlives the actors that note. Thread safety: any thread; a leaf,
/// it calls nobody while it holds a lock, but its clock.
/// Bounds: `max_in_flight` turns at once, `max_spans` a turn; what is over is counted.
/// Cost: a note is one lock, one look-up and one reading of the clock; a turn
/// with fourteen of them takes about a microsecond in all. A list reads every record once.

#include "runtime/failure.hpp"
#include "runtime/inspection/turn_filter.hpp"
#include "runtime/inspection/turn_record.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

class clock_port;

struct turn_traces_options {
  std::chrono::nanoseconds slow = std::chrono::seconds(10);
  std::size_t max_in_flight = 100000;
  std::size_t kept = 1000;
  std::size_t kept_slow = 1000;
  std::size_t max_spans = 256;
};

/// Of a turn that begins.
struct turn_about {
  std::uint64_t turn = 0;
  trace_context context;
  std::string_view session;  ///< the whole id; its beginning is kept
  std::string_view client;
  std::string_view dialect;
  std::string_view principal;
  std::uint64_t connection = 0;  ///< the connection actor's number
};

struct turn_totals {
  std::size_t in_flight = 0;
  std::uint64_t finished = 0;
  std::uint64_t failed = 0;     ///< of `finished`
  std::uint64_t tokens_in = 0;  ///< likewise
  std::uint64_t tokens_out = 0;
  std::uint64_t untraced = 0;  ///< begun when too many were in flight
  std::uint64_t spans_dropped = 0;
  std::optional<double> p50_ms;  ///< of the last `kept` that ended
  std::optional<double> p99_ms;
};

/// Some of the turns that a filter finds.
struct turn_page {
  std::size_t total = 0;     ///< that are kept
  std::size_t matching = 0;  ///< of them
  std::string turns;         ///< JSON array
};

/// Whom to tell about a turn.
struct found_turn {
  bool in_flight = false;
  std::uint64_t session_actor = 0;  ///< 0: no session has it yet
  std::uint64_t runner = 0;
  std::uint64_t connection = 0;
  std::string client;
};

class turn_traces {
 public:
  explicit turn_traces(const clock_port& clock, turn_traces_options options = {});
  ~turn_traces();
  turn_traces(const turn_traces&) = delete;
  turn_traces& operator=(const turn_traces&) = delete;

  // -- for roles ------------------------------------------------------------------

  /// Begins a turn, `queued`. False if it is not traced: too many are, or its id is known.
  bool begin(const turn_about& about);
  void at_session(std::uint64_t turn, std::uint64_t actor);
  void at_runner(std::uint64_t turn, std::uint64_t actor);

  /// `name`: of a tool, or of the model that is called. A `first_delta` begins
  /// with the model call before it.
  void open(std::uint64_t turn, span_kind kind, std::uint64_t actor, std::uint32_t key = 0, std::string_view name = {});
  /// The latest of that kind and key. Where several answer to one question each
  /// closes it again, and the last counts. `error`: static text.
  void close(std::uint64_t turn, span_kind kind, std::uint32_t key = 0, std::initializer_list<noted_value> values = {},
             const char* error = nullptr);

  /// Its watchers get the first text.
  void first_delta(std::uint64_t turn);

  /// The one end: reply, failed, cancelled or interrupted. `bytes`: of the reply.
  void end(std::uint64_t turn, event_kind outcome, failure_kind error = failure_kind::none, std::uint64_t bytes = 0);

  /// For a request made within the latest span of that kind and key, which is
  /// its parent; empty if it is not known.
  std::string traceparent(std::uint64_t turn, span_kind kind, std::uint32_t key = 0) const;

  // -- for readers ------------------------------------------------------------------

  turn_page page(const turn_filter& filter) const;
  /// {"total","matching","turns":[...]}, a whole object.
  std::string list_json(const turn_filter& filter) const;
  /// The turn with its spans, a whole object.
  std::optional<std::string> one_json(std::uint64_t turn) const;
  std::optional<found_turn> find(std::uint64_t turn) const;
  turn_totals totals() const;
  bool is_slow(const turn_record& record, std::int64_t now) const {
    return (record.ended != 0 ? record.ended : now) - record.started >= options_.slow.count();
  }

  // -- for the exporter ---------------------------------------------------------------

  /// From now on turns that end are put by, at most `bound`, then dropped and
  /// counted. `ready` is called, by whoever ends a turn, when `batch` are there.
  /// Turns whose caller does not record their trace are left out.
  void start_export(std::size_t batch, std::size_t bound, std::function<void()> ready);
  void stop_export();
  /// At most `most`, oldest first.
  std::vector<turn_record> take_finished(std::size_t most);
  std::size_t waiting_for_export() const;
  std::uint64_t export_dropped() const { return export_dropped_.load(std::memory_order_relaxed); }

 private:
  struct entry;
  struct shard;
  struct locked;
  struct forgotten;
  struct rings;
  static constexpr std::size_t shards = 16;

  shard& shard_of(std::uint64_t turn) const;
  locked find_locked(std::uint64_t turn) const;
  turn_span* add_span(turn_record& record, span_kind kind, std::uint64_t actor, std::int64_t at);
  void put_by(entry& ended, forgotten& gone);
  void forget(std::uint64_t turn);

  const clock_port& clock_;
  const turn_traces_options options_;
  std::unique_ptr<shard[]> shards_;

  std::unique_ptr<rings> rings_;

  std::atomic<std::size_t> in_flight_{0};
  std::atomic<std::uint64_t> untraced_{0};
  std::atomic<std::uint64_t> spans_dropped_{0};
  std::atomic<std::uint64_t> export_dropped_{0};
};

/// What tells a tool call's span from others of its turn.
std::uint32_t span_key(std::string_view call_id) noexcept;

// -- for roles, whose node may keep no traces ---------------------------------------

template <class Self>
void open_span(Self* self, std::uint64_t turn, span_kind kind, std::uint32_t key = 0, std::string_view name = {}) {
  if (auto* traces = self->node().traces) traces->open(turn, kind, self->cell().number, key, name);
}

template <class Self>
void close_span(Self* self, std::uint64_t turn, span_kind kind, std::uint32_t key = 0,
                std::initializer_list<noted_value> values = {}, const char* error = nullptr) {
  if (auto* traces = self->node().traces) traces->close(turn, kind, key, values, error);
}

}  // namespace troupe
