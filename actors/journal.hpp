#pragma once

/// \file
/// The journal: the only writer of the store (DESIGN §6).
///
/// Problem: a sync costs some hundred microseconds whatever it covers, and
/// every turn needs two. The journal gathers the appends that arrive while one
/// sync is under way, writes them as one batch, syncs once and answers all.
///
/// Invariants
///   1. An append is answered `journal_committed` only after its batch is
///      synced and, if there is a replication port, replicated.
///   2. Appends of one lane are written in the order of their arrival, and an
///      append's operations are never split over two batches.
///   3. After a failed write every waiting append is answered with the error
///      and nothing is written until the store has resumed.
///
/// Bounds: `max_waiting` appends; the next is answered `busy`. Bulk appends
/// take at most `bulk_per_flush` operations of a flush.
/// Runs detached: it blocks in the sync.

#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/journal.hpp"
#include "runtime/node_services.hpp"
#include "runtime/ports/replication.hpp"
#include "storage/database.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <memory>

namespace troupe {

struct journal_deps {
  storage::database* database = nullptr;
  replication_port* replication = nullptr;  ///< none: the disk alone decides
  std::size_t max_waiting = 20000;
  std::size_t bulk_per_flush = 256;
  std::chrono::milliseconds retry_every{1000};
  /// The last batch's number. Kept across restarts in place, so that a late
  /// `journal_replicated` never acknowledges a batch of the same number.
  std::shared_ptr<std::uint64_t> batches = std::make_shared<std::uint64_t>(0);
};

struct journal_state {
  using self_pointer = role<journal_state, journal_actor>*;
  static constexpr const char* name = "journal";

  explicit journal_state(self_pointer self) : self_(self) {}
  journal_actor::behavior_type start(journal_deps deps);
  std::string to_json() const;

 private:
  struct waiting_append {
    std::vector<write_op> ops;
    pending_answer<journal_committed> answer;
  };
  using batch = std::vector<waiting_append>;

  caf::result<journal_committed> append(journal_append&& message);
  void flush();
  void retry();
  void replicated(const journal_replicated& message);
  void answer_all(batch& appends, const failure& error);
  void schedule_flush();
  void schedule_retry();
  failure read_only() const;

  self_pointer self_;
  journal_deps deps_;
  std::deque<waiting_append> turns_;
  std::deque<waiting_append> bulk_;
  std::map<std::uint64_t, batch> awaiting_replication_;
  std::uint64_t commits_ = 0;
  bool flush_scheduled_ = false;
  bool retry_scheduled_ = false;
  /// Of each synced write, since the start.
  std::unique_ptr<handling_histogram> write_times_ = std::make_unique<handling_histogram>();
};

using journal_role = role<journal_state, journal_actor>;

}  // namespace troupe
