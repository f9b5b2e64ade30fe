#pragma once

/// \file
/// Embedders that answer later and like many texts at once: the remote ones
/// (DESIGN §7). The pure, immediate one is `embedder`.

#include "runtime/failure.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What the vectors are for; some models embed a question otherwise than the
/// text that answers it.
enum class embedding_purpose : std::uint8_t { document, query };

struct embedding_request {
  std::vector<std::string> texts;
  embedding_purpose purpose = embedding_purpose::document;
};

struct embedding_result {
  failure error;  ///< kind `none` when it went well; otherwise there are no vectors at all
  /// One for each text, in the order of the texts: unit length, all of one
  /// dimension. Empty for a text of white space, which has nothing to embed.
  std::vector<std::vector<float>> vectors;
  /// With an error: the provider asks not to come back earlier than this.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// One request in flight. Destroying it aborts it.
///
/// Thread safety: used by one actor at a time. No call blocks.
class embedding_job {
 public:
  virtual ~embedding_job() = default;
  /// The result, once. Otherwise `wake` will be called.
  virtual std::optional<embedding_result> poll() = 0;
};

/// Thread safety: all functions may be called from any thread.
class batch_embedder {
 public:
  virtual ~batch_embedder() = default;
  /// Names the vector space, e.g. "gemini:gemini-embedding-001:768": vectors
  /// of different ids never mix.
  virtual std::string id() const = 0;
  /// 0 until the first answer where only the answer tells.
  virtual std::size_t dimensions() const = 0;
  /// How many texts go over the network at once. More are taken and sent one
  /// batch after the other; so a caller that wants to be interrupted between
  /// batches, or to keep what was finished, asks for this many.
  virtual std::size_t batch() const = 0;
  /// `wake` may be called from any thread, at most once after each empty poll,
  /// and never after the job is destroyed. Never throws; a request that cannot
  /// begin ends at once.
  virtual std::unique_ptr<embedding_job> open(embedding_request request, std::function<void()> wake) const = 0;
};

}  // namespace troupe
