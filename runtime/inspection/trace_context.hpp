#pragma once

/// \file
/// Which trace a turn belongs to, as it travels in a `traceparent` header
/// (W3C Trace Context, Recommendation of 2021-11-23, §3.2).
///
///     00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
///     version - trace id - span id of the caller - flags
///
/// Thread safety: values and pure functions. Errors: a malformed header counts
/// as none, as the recommendation asks. Cost: no allocation but for the text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

class random_port;

struct trace_context {
  std::uint64_t high = 0;    ///< the trace id's first 64 bits
  std::uint64_t low = 0;     ///< and its last
  std::uint64_t parent = 0;  ///< span that called us; 0: the trace begins here
  bool sampled = true;       ///< the caller records this trace; else it is exported nowhere
  bool operator==(const trace_context&) const = default;

  /// A trace of our own.
  static trace_context make(random_port& random);
};

/// Takes later versions too, as far as they begin like version 00.
std::optional<trace_context> parse_traceparent(std::string_view text);

/// For the one who is called by `span`.
std::string format_traceparent(const trace_context& context, std::uint64_t span);

/// The id of a turn's span: of the turn itself (0), or of its n-th span. Never 0.
/// Turns' ids are random, so these are too, without asking for more randomness.
std::uint64_t span_id(std::uint64_t turn, std::uint64_t number) noexcept;

/// Appends 16 lower-case hex digits: how ids of turns and spans are written.
void append_hex(std::string& out, std::uint64_t value);

/// What `append_hex` wrote.
std::optional<std::uint64_t> parse_hex(std::string_view text);

}  // namespace troupe
