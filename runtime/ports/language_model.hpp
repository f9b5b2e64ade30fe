#pragma once

#include "runtime/messages/model.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace troupe {

/// What a model stream has for its reader.
struct model_event {
  enum class kind : std::uint8_t { delta, thought, call, ended };
  kind what = kind::delta;
  std::string text;  ///< delta, thought: whole UTF-8 characters
  tool_call call;
  failure error;  ///< ended: kind `none` when it went well
  finish_reason reason = finish_reason::stop;
  model_usage usage;
  std::string opaque;  ///< ended: see `chat_message::opaque`
  /// ended with an error: the provider asks not to come back earlier than this.
  std::optional<std::chrono::milliseconds> retry_after;
};

/// One call in flight. Pulled by the model actor, so that a slow reader
/// pauses the transfer instead of growing a buffer. Destroying it aborts.
///
/// Thread safety: used by one actor at a time.
class model_stream {
 public:
  virtual ~model_stream() = default;

  /// The next event, if one is there. Otherwise either `wake` will be called,
  /// or `not_before` says when to ask again.
  struct poll_result {
    std::optional<model_event> event;
    std::optional<std::chrono::nanoseconds> not_before;  ///< from now
  };
  virtual poll_result poll() = 0;
};

/// A language model (DESIGN §8). Shared by all its calls.
///
/// Thread safety: `open` may be called from any thread.
class language_model {
 public:
  virtual ~language_model() = default;

  /// Provider and name, e.g. "offline" or "gemini:gemini-2.5-flash".
  virtual std::string name() const = 0;

  /// Calls it takes at once; further ones wait.
  virtual std::size_t most_calls() const { return 10000; }

  /// Whether it does what its system instruction asks, such as summarising.
  virtual bool follows_instructions() const { return true; }

  /// Begins a call. `wake` may be called from any thread, at most once after
  /// each empty poll. Never throws; a call that cannot begin ends at once.
  virtual std::unique_ptr<model_stream> open(const model_request& request, std::function<void()> wake) = 0;
};

}  // namespace troupe
