#pragma once

/// \file
/// Vectors for the questions of recalls, from a remote embedder (DESIGN §7).
///
/// Problem: a turn waits for its recall, and an embedder may be slow or away.
/// So every question gets its answer by a deadline: its vector, or none, and
/// then words alone must do. After a failure the embedder is left alone for a
/// while (`back_off`), in which questions are answered at once; a log line says
/// so once per outage, and once when it is over.
///
/// Bounds: `in_flight` requests and `max_waiting` recalls waiting for them (over
/// that, words alone), the `cached` last used vectors, the first `text_bytes` of
/// a question. The same question asked twice is one request.
///
/// Ownership: owns its requests; destroying it aborts them and drops the
/// answers. Thread safety: none; owned by one memory actor.
/// Units: times of the actor clock.

#include "actors/back_off.hpp"
#include "runtime/ports/batch_embedder.hpp"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// The first `bytes` of a text, not cut inside a UTF-8 sequence.
std::string head_of(std::string_view text, std::size_t bytes);

/// The vectors of the texts used last.
class vector_cache {
 public:
  explicit vector_cache(std::size_t bound) : bound_(bound) {}
  const std::vector<float>* find(std::string_view text);
  void put(std::string text, std::vector<float> vector);
  void clear();

 private:
  struct entry {
    std::string text;
    std::vector<float> vector;
  };
  std::size_t bound_;
  std::list<entry> entries_;  ///< last used first
  std::unordered_map<std::string_view, std::list<entry>::iterator> places_;
};

struct question_limits {
  std::chrono::milliseconds answer{1500};  ///< within the 2 s a turn waits for its memories
  std::size_t in_flight = 16;
  std::size_t max_waiting = 1000;
  std::size_t cached = 128;
  std::size_t text_bytes = 8000;
};

class question_embedding {
 public:
  using time_point = caf::actor_clock::time_point;
  /// Takes the vector, or an empty one: ask by words alone.
  using answer = std::function<void(const std::vector<float>&)>;

  question_embedding(std::shared_ptr<const batch_embedder> remote, random_port& random, question_limits limits = {});

  /// Calls `run` once, perhaps before this returns. `wake` may be called from
  /// any thread; `poll` is due then.
  void ask(std::string_view question, time_point now, time_point deadline, std::function<void()> wake, answer run);
  /// Answers what has come and what is late.
  void poll(time_point now);
  /// When `poll` is due at the latest.
  std::optional<time_point> due() const;

  /// The embedder may not be asked before then: it said so elsewhere.
  void hold(time_point until) { back_off_.hold(until); }
  /// What the provider asked for last, to be honoured elsewhere too.
  time_point held_until() const { return asked_to_wait_; }
  /// Forgets what was asked before.
  void forget() { cache_.clear(); }

  std::size_t open() const { return open_.size(); }

 private:
  struct request {
    std::string text;
    std::unique_ptr<embedding_job> job;
    time_point deadline;
    std::vector<answer> waiting;
  };

  void ended(request& which, std::optional<embedding_result> result, time_point now);

  std::shared_ptr<const batch_embedder> remote_;
  random_port& random_;
  question_limits limits_;
  vector_cache cache_;
  back_off back_off_;
  time_point asked_to_wait_{};
  std::list<request> open_;
  std::size_t waiting_ = 0;  ///< recalls, of all requests
};

}  // namespace troupe
