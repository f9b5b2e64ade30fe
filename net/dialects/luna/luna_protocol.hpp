#pragma once

/// \file
/// Luna's frames: text in, typed messages out, and back (contract luna.md,
/// sections 5, 6, 7, 11.3, 13, 14). Pure translation: no state, no I/O.
///
/// Three dialects share the socket. A message whose `payload` is an object is
/// read from there (N), any other from its top level (C, E). Fields of another
/// type than the contract's count as missing.
///
/// Extension that older clients never notice (docs/luna.md): `numbered` on a
/// request, `resume_text_session`, and the fields `session_id`, `turn`,
/// `offset`, `number` on the answers to clients that asked for them; and
/// `traceparent` on a request, the header's value for this turn alone.
///
/// Thread safety: pure functions; `parse` uses the calling thread's parser.
/// Cost: one JSON parse; an encoder appends to one string.

#include "net/dialects/luna/luna_tools.hpp"
#include "runtime/messages/turn.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::luna {

inline constexpr std::size_t text_limit = 1024 * 1024;  ///< per text field, bytes
inline constexpr std::size_t memory_limit = 1000;       ///< memories per start

/// One object of a `memories` array (contract 10.1).
struct memory_note {
  std::string text;
  double confidence = 0;
};

/// How a text request wants to be answered.
enum class text_form : std::uint8_t {
  result,       ///< C `start_text_session`: one `text_session_result`
  stream,       ///< C `text_action`: `chunk`* `complete`
  newer_start,  ///< N `start_text_session`: `text_session_started`, `text_content`* `complete`
  newer_text,   ///< N `text`: `text_content`* `complete`
  resume,       ///< `resume_text_session`: `text_session_resumed` or `text_session_resume_error`
};

struct text_request {
  text_form form = text_form::stream;
  std::string action;    ///< "explain", "rewrite" or "chat"; empty for N `text`
  std::string text;      ///< the text worked on; N `text`: the user's words
  std::string question;  ///< `additional_prompt` or `user_query`
  std::vector<memory_note> memories;
  bool numbered = false;
  std::string traceparent;  ///< as it came; what is none counts for nothing
};

struct resume_request {
  std::string session_id;
  std::uint64_t after_number = 0;
  std::uint64_t turn = 0;
  std::uint64_t offset = 0;
};

/// A request of the contract that breaks one of its rules.
struct rejected_request {
  text_form form = text_form::stream;
  std::string error;
};

struct voice_start {};
struct voice_stop {};
struct text_stop {};
struct session_stop {};  ///< E: ends every session
struct ignored {};       ///< unknown or nothing to do here

/// A frame that is no message at all.
struct fault {
  std::string kind;  ///< "not_json", "not_an_object", "type"
  std::string error;
};

struct incoming {
  bool newer = false;  ///< it came in an envelope
  std::variant<ignored, fault, rejected_request, text_request, resume_request, voice_start, voice_stop, text_stop,
               session_stop, client_response>
      message;
};

/// Never fails: what cannot be understood is `fault` or `ignored`.
incoming parse(std::string_view frame);

/// What numbered clients get on each frame of a turn.
struct turn_numbers {
  std::string_view session_id;
  std::uint64_t turn = 0;
  std::uint64_t number = 0;  ///< 0: none
};

std::string encode_client_registered();
std::string encode_voice_error(std::string_view error);
std::string encode_delta(text_form form, std::string_view text, const turn_numbers* numbers, std::uint64_t offset);
std::string encode_complete(text_form form, const turn_numbers* numbers);
std::string encode_result(std::string_view action, std::string_view result, const turn_numbers* numbers);
/// The error frame of a request of this form (contract section 13).
std::string encode_error(text_form form, std::string_view error, const turn_numbers* numbers);
std::string encode_fault(std::string_view kind, std::string_view error);
std::string encode_newer_started(std::string_view session_type, std::size_t memories_loaded,
                                 const turn_numbers* numbers);
std::string encode_text_session_ended();
std::string encode_turn_started(const turn_numbers& numbers);
std::string encode_resumed(const session_attached& state);
std::string encode_resume_error(std::string_view error);

}  // namespace troupe::luna
