#pragma once

/// \file
/// The structured log: an event's name and fields, one line each, as text or
/// JSON, on standard error and if asked for in a rotating file.
///
///     log::info("client_connected", {{"client", id}, {"peer", address}});
///
///     2026-01-31T12:00:00.123Z info client_connected client=c17 peer=127.0.0.1:50312
///     {"time":"2026-01-31T12:00:00.123Z","level":"info","event":"client_connected","client":"c17",...}
///
/// Rules for callers: event and keys are literals in snake_case, keys not
/// "time", "level" or "event". A line that concerns a client has the field
/// "client". Never log what users or models say, nor a secret. As a net under
/// that, fields whose key names a secret or content are masked (`redact`).
///
/// Fields refer to the caller's strings until the call returns. Line feeds,
/// control characters and what else could forge or hide a line are escaped,
/// broken UTF-8 is replaced, a field is cut after 1 KiB.
///
/// A line goes into a bounded queue and a thread of its own writes it: a slow
/// terminal or disk never holds up the caller. When the queue is full the
/// oldest line is dropped and counted. Before `init` and after `shutdown`,
/// warnings and errors are written to standard error at once.
///
/// Thread safety: everything may be called from any thread. Cost: one relaxed
/// load when the level is off; about 1 µs otherwise. Source: DESIGN §1.3,
/// §1.5, §10; contracts/luna.md §2 (LOG_TO_FILE).

#include "config/settings.hpp"
#include "runtime/failure.hpp"
#include "runtime/log_scope.hpp"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::log {

using level = config::log_level;
using format = config::log_format;

struct options {
  level lowest = level::info;
  format form = format::text;
  std::optional<std::filesystem::path> file;
  std::size_t file_max_size = 10 << 20;  ///< bytes
  std::size_t file_count = 5;            ///< rotated files beside the current one
  std::size_t queue_lines = 8192;
  /// Takes each line (without line feed) on the log's thread instead of
  /// standard error; for tests.
  std::function<void(std::string_view)> output;
};

options options_of(const config::settings& settings);

/// A field's value; refers to the caller's text.
class field_value {
 public:
  field_value(std::string_view text) : value_(text) {}
  field_value(const std::string& text) : value_(std::string_view(text)) {}
  field_value(const char* text) : value_(std::string_view(text)) {}
  field_value(bool flag) : value_(flag) {}
  field_value(double number) : value_(number) {}
  template <std::signed_integral T>
  field_value(T number) : value_(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) field_value(T number) : value_(static_cast<std::uint64_t>(number)) {}

  const auto& get() const noexcept { return value_; }

 private:
  std::variant<std::string_view, bool, double, std::int64_t, std::uint64_t> value_;
};

struct field {
  std::string_view key;
  field_value value;
};
using fields = std::initializer_list<field>;

/// Starts the log, or starts it anew with other options. Fails when the file
/// cannot be opened; the log then stays as it was.
expected<void> init(options wanted);

/// Writes what is queued, and how many lines were dropped if any were, then
/// ends the log's thread. Waits for a slow output.
void shutdown();

/// Lines dropped since `init` because the output was slower than the callers.
std::uint64_t dropped_lines();

/// "warn" → `level::warn`; nothing for any other text.
std::optional<level> level_of(std::string_view name);

/// A line of the tail.
struct tail_line {
  std::uint64_t number = 0;  ///< of all lines since the start
  std::int64_t at = 0;       ///< wall clock, ms
  level severity = level::info;
  std::string event;
  std::uint64_t actor = 0;  ///< within whose handler it was written, 0 for none
  std::string text;         ///< the line as written
};
/// The last lines, oldest first: of this actor (0: all), from this level on,
/// that hold `part`; at most `limit`, of 5,000 that are kept.
std::vector<tail_line> tail(std::size_t limit, std::uint64_t actor = 0, level from = level::trace,
                            std::string_view part = {});

namespace detail {
extern std::atomic<level> lowest;
void write(level at, std::string_view event, fields with);

inline bool wanted_of_actor(level at) {
  if (current_actor == nullptr) return false;
  const auto own = current_actor->level.load(std::memory_order_relaxed);
  return own >= 0 && static_cast<std::int8_t>(at) >= own;
}
}  // namespace detail

inline bool enabled(level at) {
  return at >= detail::lowest.load(std::memory_order_relaxed) || detail::wanted_of_actor(at);
}
inline void write(level at, std::string_view event, fields with = {}) {
  if (enabled(at)) detail::write(at, event, with);
}
inline void trace(std::string_view event, fields with = {}) {
  write(level::trace, event, with);
}
inline void debug(std::string_view event, fields with = {}) {
  write(level::debug, event, with);
}
inline void info(std::string_view event, fields with = {}) {
  write(level::info, event, with);
}
inline void warn(std::string_view event, fields with = {}) {
  write(level::warn, event, with);
}
inline void error(std::string_view event, fields with = {}) {
  write(level::error, event, with);
}

/// A request target with the values of query parameters that carry secrets
/// masked: "/ws?token=abc&v=2" → "/ws?token=********&v=2".
std::string redact(std::string_view target);

}  // namespace troupe::log
