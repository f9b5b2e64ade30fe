#pragma once

/// \file
/// A model provider's answer as bytes that are cut anywhere, turned into model
/// events. Pure: no transport, no clock.
///
/// Ownership: a decoder belongs to one stream. Thread safety: none.
/// Bounds: one event of the provider up to 16 MiB; one answer's tool arguments
/// likewise; at most 128 calls. Beyond them the stream ends `broken_stream`.
/// Invariants: 1. exactly one ended event, the last; 2. a call's arguments are a
/// whole JSON object and its id is unlike every other of its conversation;
/// 3. events depend on the bytes alone, not on how they were cut.

#include "models/provider_failure.hpp"
#include "models/provider_json.hpp"
#include "net/upstream/line_reader.hpp"
#include "net/upstream/sse_reader.hpp"
#include "runtime/ports/language_model.hpp"

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace troupe::models {

/// Gives calls ids that are unique in their conversation.
class call_ids {
 public:
  explicit call_ids(const model_request& request);
  /// `given` by the provider, unless it gave none or one that is taken.
  std::string take(std::string_view given);
  /// Whether `take` made this id up.
  static bool is_made_up(std::string_view id);

 private:
  std::set<std::string, std::less<>> taken_;
  std::uint64_t next_ = 1;
};

class stream_decoder {
 public:
  stream_decoder(std::string provider, std::string key, const model_request& request)
      : provider_(std::move(provider)), key_(std::move(key)), ids_(request) {}
  virtual ~stream_decoder() = default;

  virtual void feed(std::string_view bytes) = 0;

  /// No more bytes come; `error` is of kind `none` when the answer is complete.
  void close(failure error = {});

  /// The next event. Nothing: more bytes are needed, or it has ended.
  std::optional<model_event> next();

  bool ended() const { return ended_; }

 protected:
  /// Handles the provider's next whole event; false if there is none yet.
  virtual bool read() = 0;
  /// The last bytes came: make an unfinished event of the reader whole.
  virtual void flush() = 0;
  /// Whether all that matters has come, at the end of the stream.
  virtual bool is_complete() = 0;
  /// Why the answer stopped, once it is complete.
  virtual finish_reason reason() const = 0;

  void say(std::string_view text);
  void think(std::string_view text);
  /// Ends the stream if the arguments are not a JSON object. None at all is
  /// how many say {}.
  void call(std::string_view id, std::string_view name, std::string_view arguments, std::string_view opaque = {});
  void end();
  void fail(failure error, std::optional<std::chrono::milliseconds> retry_after = std::nullopt);
  void fail_malformed(const std::string& what);
  /// Ends the stream with the error that `event` bears, if any.
  bool fail_with(json_element event);
  /// By its name at the provider.
  void fail_filtered(std::string_view reason);

  const std::string& provider() const { return provider_; }
  const std::string& key() const { return key_; }

  model_usage usage_;
  std::string opaque_;  ///< of the ended event

 private:
  void push(model_event event);
  void at_close();

  std::string provider_;
  std::string key_;
  call_ids ids_;
  std::deque<model_event> events_;
  std::optional<failure> closed_;
  std::size_t calls_ = 0;
  bool ended_ = false;
};

/// One whose events are server-sent events of JSON objects.
class sse_decoder : public stream_decoder {
 public:
  using stream_decoder::stream_decoder;
  void feed(std::string_view bytes) final { reader_.feed(bytes); }

 protected:
  /// REQUIRES: calls no other `parse_json` before it is done with `event`.
  virtual void handle(json_element event) = 0;
  /// Data that is "[DONE]".
  virtual void handle_done() = 0;

 private:
  bool read() final;
  void flush() final { reader_.feed("\n\n"); }

  upstream::sse_reader reader_;
};

/// One whose events are lines of JSON.
class line_decoder : public stream_decoder {
 public:
  using stream_decoder::stream_decoder;
  void feed(std::string_view bytes) final { reader_.feed(bytes); }

 protected:
  virtual void handle(json_element event) = 0;

 private:
  bool read() final;
  void flush() final { reader_.feed("\n"); }

  upstream::line_reader reader_;
};

}  // namespace troupe::models
