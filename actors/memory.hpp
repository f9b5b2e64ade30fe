#pragma once

/// \file
/// A memory actor: one memory space awake in RAM (DESIGN §3, §7).
///
/// Wakes by reading its records on the blocking pool, after the journal has
/// answered what the one before it wrote; what arrives meanwhile waits. Recall
/// is exact and answered at once. A change is in RAM before it is durable, and
/// answered when it is durable.
///
/// Lessons. What a turn taught stands in the column `lessons` from the moment
/// the reply is durable. Taking it in writes the records and erases the lesson
/// in one batch; what a crash left over is taken in at the next wake-up. So a
/// lesson is learnt exactly once: one that is told is looked up first, and while
/// its batch is under way it is known by its key.
///
/// Vectors. The offline embedder makes them on the spot. With a remote one
/// (`memory_deps::remote`) a memory is acknowledged when its text is durable, and
/// is found by its words until its vector has come (`record_embedding`). A
/// question has `question_limits::answer` for its vector, then words alone must
/// do (`question_embedding`). Only vectors of the configured embedder and of one
/// dimension are ever compared; a record with another's is embedded anew, written
/// through the bulk lane, while recall goes on. Word by word is compared by the
/// offline embedder only.
///
/// Bounds: `max_waiting` requests while loading. Sleeps when it was idle for
/// `idle_after` and nobody holds a lease. Vectors that are still to come keep it
/// awake as long as they do come: each batch kept counts as activity, so that a
/// space that was woken gets all of its vectors; but an embedder that is down
/// keeps no space awake. What is left then goes on at the next wake-up.

#include "actors/known_texts.hpp"
#include "actors/question_embedding.hpp"
#include "actors/record_embedding.hpp"
#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/journal.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/node_services.hpp"
#include "runtime/ports/batch_embedder.hpp"
#include "runtime/ports/embedder.hpp"
#include "storage/database.hpp"
#include "storage/lesson_log.hpp"
#include "storage/recall_index.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace troupe {

struct memory_deps {
  std::string space;
  node_services* node = nullptr;
  storage::database* database = nullptr;
  journal_actor journal;
  caf::actor keeper;
  std::shared_ptr<const embedder> embed;
  std::shared_ptr<const batch_embedder> remote;  ///< if any, instead of `embed`
  question_limits question;
  record_limits record;
  std::chrono::milliseconds idle_after{60000};
  std::size_t max_waiting = 1000;
};

struct memory_state {
  using self_pointer = role<memory_state, memory_actor>*;
  static constexpr const char* name = "memory";

  explicit memory_state(self_pointer self) : self_(self) {}
  memory_actor::behavior_type start(memory_deps deps);
  std::string to_json() const;

 private:
  /// What the blocking pool reads for us. Handed over by `memory_loaded`.
  struct loading {
    storage::recall_index index;
    std::vector<storage::lesson> lessons;
    std::vector<memory_record> embedded_anew;   ///< by the offline embedder
    std::vector<std::uint64_t> without_vector;  ///< to be embedded by the remote one
    known_texts texts;
    std::uint64_t next_id = 1;
    failure error;
    bool done = false;
  };

  /// Copied into continuations; answered with an error when the last is dropped.
  template <class Answer>
  using owed = std::shared_ptr<pending_answer<Answer>>;
  template <class Answer>
  using work = std::function<void(owed<Answer>)>;

  using time_point = caf::actor_clock::time_point;

  static failure read_space(const storage::database& database, const std::string& space, const embedder& embed,
                            const batch_embedder* remote, loading& into);
  static void read_record(memory_record record, const batch_embedder& remote, loading& into);
  void begin_loading();
  void read();
  void loaded();
  template <class Answer>
  caf::result<Answer> when_loaded(work<Answer> run);
  memory_listed list(const memory_list& message) const;
  void idle(const idle_check& message);
  void touch();

  // -- changes (memory_changes.cpp)
  void add(memory_add message, owed<memory_added> answer);
  void told(memory_learn message);
  void learn(const std::string& key, const std::string& teaching, std::uint64_t turn = 0);
  void forget(memory_forget message, owed<memory_forgotten> answer);
  void forget_all(owed<memory_forgotten> answer);
  void purge();
  std::optional<std::uint64_t> said_before(const memory_record& record) const;
  memory_added take_in(memory_record record, std::vector<write_op>& ops);
  bool is_stale() const;
  void read_again();
  void commit(std::vector<write_op> ops, std::function<void()> done, std::function<void(const failure&)> failed);

  // -- vectors (memory_vectors.cpp)
  void recall(memory_recall message, time_point since, owed<memory_recalled> answer);
  void embed_anew(const std::vector<memory_record>& records);
  void want_vectors(std::vector<std::uint64_t> ids);
  void embedding_ready();
  void embed_next(time_point now);
  void keep_vectors(std::vector<record_embedding::made> all);
  void settle_dimension(const std::vector<float>& vector);
  void look_again_in_time();
  std::function<void()> waker() const;

  self_pointer self_;
  memory_deps deps_;
  std::shared_ptr<loading> loading_;
  storage::recall_index index_;
  std::optional<question_embedding> questions_;  ///< with a remote embedder
  std::optional<record_embedding> vectors_;      ///< likewise
  known_texts texts_;                            ///< likewise
  std::string embedder_id_;                      ///< whose vectors the index holds
  time_point alarm_{};                           ///< when the next look at the embedder is due
  std::vector<std::function<void()>> waiting_;
  std::unordered_set<std::string> learning_;  ///< lessons whose batch is under way
  std::vector<memory_learn> after_forgetting_;
  std::size_t forgetting_ = 0;  ///< `forget_all` under way
  std::size_t bulk_ = 0;        ///< writes of the bulk lane under way
  std::uint64_t next_id_ = 1;
  std::uint64_t generation_ = 0;
  std::uint64_t activity_ = 1;  ///< counts what keeps it awake; never 0
  std::size_t writes_in_flight_ = 0;
  bool idle_timer_ = false;
  bool ready_ = false;
  failure failed_;            ///< why it is ending
  bool unconfirmed_ = false;  ///< it was read while the store took no writes
};

using memory_role = role<memory_state, memory_actor>;

}  // namespace troupe
