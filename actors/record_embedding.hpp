#pragma once

/// \file
/// Vectors for the records of a memory space, from a remote embedder, in the
/// background (DESIGN §7): those just added and those another embedder made.
///
/// One request at a time; what gathers meanwhile goes in the next one, the
/// newest first, so that what was just said does not wait for a whole space to
/// be embedded anew. The next begins when the vectors of the one before are
/// durable: they are asked for as fast as they can be kept.
///
/// What is to be done stands nowhere but in the records themselves, whose
/// `embedder` is not this one; so a crash loses nothing and doubles nothing.
///
/// A failure puts the texts back and waits (`back_off`; said in a log line once
/// per outage). A smaller batch is tried next, which gets past an embedder that
/// is too slow for a whole one, and leads to the one text it refuses (HTTP 4xx,
/// a filter): that is given up until the space wakes again, and found by its
/// words.
///
/// Bounds: `batch` texts of at most `text_bytes` and together `batch_bytes` (and
/// one more) per request, `answer` per request, eight bytes per waiting record.
///
/// Ownership: owns its request; destroying it aborts that.
/// Thread safety: none; owned by one memory actor.

#include "actors/back_off.hpp"
#include "runtime/ports/batch_embedder.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

struct record_limits {
  std::chrono::milliseconds answer{60000};
  std::size_t batch = 100;  ///< or what the embedder takes at once, if that is less
  std::size_t text_bytes = 8000;
  std::size_t batch_bytes = 256 << 10;
};

class record_embedding {
 public:
  using time_point = caf::actor_clock::time_point;
  struct made {
    std::uint64_t id = 0;
    std::vector<float> vector;  ///< empty: there is nothing to embed
  };
  /// The text of a record; null if it is gone, or has its vector already.
  using text_of = std::function<const std::string*(std::uint64_t id)>;

  record_embedding(std::shared_ptr<const batch_embedder> remote, random_port& random, record_limits limits = {});

  void want(std::uint64_t id);
  void want(std::vector<std::uint64_t> ids);
  /// Nothing is to be done any more. What is under way still ends.
  void clear() { waiting_.clear(); }

  /// Opens the next request, if it is time for one. `poll` it then.
  bool begin(time_point now, const text_of& text, std::function<void()> wake);
  /// What has come: keep it, then say `kept` or `lost`.
  std::optional<std::vector<made>> poll(time_point now);
  void kept();
  void lost(time_point now, const failure& error);
  /// It cannot be kept at the moment.
  void put_off(time_point now, const failure& error) { wait(now, error, {}); }
  void hold(time_point until) { back_off_.hold(until); }
  time_point held_until() const { return asked_to_wait_; }

  /// When `poll` or `begin` is due at the latest, if anything is to be done.
  std::optional<time_point> due() const;
  /// Whether `begin` would look for something to do.
  bool can_begin(time_point now) const { return !job_ && asked_.empty() && !waiting_.empty() && !back_off_.holds(now); }
  std::size_t waiting() const { return waiting_.size() + asked_.size(); }
  std::size_t given_up() const { return given_up_; }

 private:
  void failed(time_point now, const failure& error, std::optional<std::chrono::milliseconds> retry_after);
  void wait(time_point now, const failure& error, std::optional<std::chrono::milliseconds> retry_after);
  std::size_t most() const;

  std::shared_ptr<const batch_embedder> remote_;
  random_port& random_;
  record_limits limits_;
  std::vector<std::uint64_t> waiting_;  ///< ascending, each once; taken from the end
  std::vector<std::uint64_t> asked_;    ///< of the request under way, or being kept
  std::unique_ptr<embedding_job> job_;
  time_point deadline_{};
  std::size_t next_batch_;
  back_off back_off_;
  time_point asked_to_wait_{};
  std::size_t given_up_ = 0;
};

}  // namespace troupe
