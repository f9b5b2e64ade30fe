#pragma once

/// \file
/// Messages between a runner and a model actor (DESIGN §3, §8).

#include "runtime/failure.hpp"
#include "runtime/message_macros.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/messages/turn.hpp"

#include <caf/actor.hpp>

#include <string>
#include <vector>

namespace troupe {

/// What a language model is asked.
struct model_request {
  std::string system;
  std::vector<chat_message> messages;  ///< oldest first; the last is the user's turn
  std::vector<memory_hit> memories;    ///< recalled for this turn, best first
  std::vector<std::string> noted;      ///< facts in the user's words that memory keeps if the turn ends well
  std::vector<tool_spec> tools;        ///< what it may call; names are unique
  std::string traceparent;             ///< the model actor's, for the header of that name; empty: none
  model_options options;
  bool operator==(const model_request&) const = default;
};
TROUPE_MESSAGE(model_request, system, messages, memories, noted, tools, traceparent, options)

/// What a call cost, in tokens as the provider counts them.
struct model_usage {
  std::uint32_t input = 0;
  std::uint32_t output = 0;  ///< with `thoughts`
  std::uint32_t thoughts = 0;
  std::uint32_t cached = 0;  ///< of `input`
  bool operator==(const model_usage&) const = default;
};
TROUPE_MESSAGE(model_usage, input, output, thoughts, cached)

/// Runner → model: begin a call. Deltas and the one end go to `runner`.
struct model_open {
  turn_ref ref;
  caf::actor runner;
  model_request request;
  bool operator==(const model_open&) const = default;
};
TROUPE_MESSAGE(model_open, ref, runner, request)

/// Urgent, runner → model: abort, also a call whose open is still on its way.
struct model_cancel {
  turn_ref ref;
  bool operator==(const model_cancel&) const = default;
};
TROUPE_MESSAGE(model_cancel, ref)

/// Runner → model: this many more deltas may be sent (a call starts with
/// `model_initial_credit`), so that neither mailbox grows without bound.
struct model_credit {
  turn_ref ref;
  std::uint32_t deltas = 0;
  bool operator==(const model_credit&) const = default;
};
TROUPE_MESSAGE(model_credit, ref, deltas)

inline constexpr std::uint32_t model_initial_credit = 64;

/// Model → runner: text, whole UTF-8 characters.
struct model_delta {
  turn_ref ref;
  std::string text;
  bool operator==(const model_delta&) const = default;
};
TROUPE_MESSAGE(model_delta, ref, text)

/// Model → runner: the model thinks aloud. Not part of the reply.
struct model_thought {
  turn_ref ref;
  std::string text;
  bool operator==(const model_thought&) const = default;
};
TROUPE_MESSAGE(model_thought, ref, text)

/// Model → runner: the model asks for a tool. Its arguments are whole and are
/// a JSON object.
struct model_called {
  turn_ref ref;
  tool_call call;
  bool operator==(const model_called&) const = default;
};
TROUPE_MESSAGE(model_called, ref, call)

enum class finish_reason : std::uint8_t {
  stop,    ///< it had said everything, or asks for tools
  length,  ///< the provider's limit of tokens cut the answer
};

/// Model → runner: the call's one end.
struct model_ended {
  turn_ref ref;
  failure error;  ///< kind `none` when it went well
  finish_reason reason = finish_reason::stop;
  model_usage usage;
  std::string opaque;  ///< goes into the `chat_message` of this answer
  bool operator==(const model_ended&) const = default;
};
TROUPE_MESSAGE(model_ended, ref, error, reason, usage, opaque)

/// Question → itself: it has had its time.
struct question_deadline {
  bool operator==(const question_deadline&) const = default;
};
TROUPE_SIGNAL(question_deadline)

/// Model → itself, and a model stream's wake-up: this call may have more.
struct model_ready {
  std::uint64_t turn = 0;
  bool operator==(const model_ready&) const = default;
};
TROUPE_MESSAGE(model_ready, turn)

/// Model → itself, while calls are in flight: end those that took too long.
struct model_sweep {
  bool operator==(const model_sweep&) const = default;
};
TROUPE_SIGNAL(model_sweep)

}  // namespace troupe
