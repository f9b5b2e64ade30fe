#pragma once

/// \file
/// What is kept of one turn: its spans and what it came to. Ids, numbers and
/// names of tools and models; nothing of what was said.
///
/// Ownership: a value. Units: nanoseconds of `clock_port::monotonic_ns`, but
/// for `started_at`. Source: docs/console.md "Turns".

#include "runtime/inspection/trace_context.hpp"
#include "runtime/messages/turn.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

enum class span_kind : std::uint8_t {
  queued,              ///< from the frame until its session begins it
  journal_user_event,  ///< until the user's event is durable
  recall,              ///< memories are asked for; until the last has answered
  tools,               ///< tool sources are asked what they have
  model_call,          ///< with its retries and its wait for room
  first_delta,         ///< from the beginning of its model call until the model says anything
  tool,                ///< one call of a tool
  journal_reply,       ///< until the end is durable
  learn,               ///< memory takes in what was said; begins as the turn ends
};
/// "model call"; of a tool "tool", its own name follows in the record.
const char* to_string(span_kind kind) noexcept;

enum class span_value : std::uint8_t { tokens_in, tokens_out, attempts, wait_us, hits, bytes };
const char* to_string(span_value value) noexcept;

struct noted_value {
  span_value what;
  std::int64_t value;
};

struct turn_span {
  static constexpr std::uint8_t most_values = 4;

  span_kind kind = span_kind::queued;
  std::uint8_t values = 0;
  std::uint16_t name = 0;  ///< one more than its index in `turn_record::names`; 0: none
  std::uint32_t key = 0;   ///< tells it from others of its kind
  std::uint64_t actor = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;         ///< 0: it is not over
  const char* error = nullptr;  ///< kind of a failure; static text
  std::array<noted_value, most_values> value{};
};

/// How much of a session's id is kept, as in the log and the actors' labels:
/// naming the whole id is the right to resume the conversation.
inline std::string_view session_shown(std::string_view id) noexcept {
  return id.substr(0, 8);
}

struct turn_record {
  std::uint64_t turn = 0;
  trace_context context;
  std::string session;  ///< as `session_shown`
  std::string client;
  std::string dialect;
  std::string principal;
  std::string model;
  std::uint64_t connection = 0;  ///< numbers of actors; 0: none yet
  std::uint64_t session_actor = 0;
  std::uint64_t runner = 0;
  std::int64_t started = 0;
  std::int64_t started_at = 0;   ///< wall clock, ms since 1970
  std::int64_t ended = 0;        ///< 0: in flight
  std::int64_t first_delta = 0;  ///< when its watchers got the first text; 0: they have none
  std::uint64_t tokens_in = 0;
  std::uint64_t tokens_out = 0;
  std::uint64_t bytes = 0;  ///< of the reply
  std::uint32_t tool_calls = 0;
  std::uint32_t spans_dropped = 0;
  event_kind outcome = event_kind::opened;  ///< `opened`: none yet
  const char* error = "";                   ///< kind of a failure; static text
  std::vector<turn_span> spans;
  std::vector<std::string> names;

  bool failed() const noexcept { return outcome == event_kind::failed || outcome == event_kind::interrupted; }
  std::string_view name_of(const turn_span& span) const {
    return span.name == 0 ? std::string_view() : std::string_view(names[span.name - 1u]);
  }
};

}  // namespace troupe
