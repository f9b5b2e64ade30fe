#pragma once

/// \file
/// The character protocol's frames: text in, typed requests out, and back
/// (contracts/character.md §5, §9). Pure translation: no state, no I/O.
///
/// In: unknown fields are ignored, values are converted leniently ("5" is 5,
/// "yes" is true), but a number is no text. What cannot be read is `refused`,
/// with the `message_id` whenever that is readable.
///
/// Out: every field that the contract requires is there, also on failures,
/// since a client cannot read a reply without them. Replies and events are
/// shorter than `frame_limit`: a history loses its oldest entries, a list of
/// memories its last ones.
///
/// Extensions (docs/character-protocol.md): `subscribe_request`, `stop_request`,
/// `character_event`, the error code CANCELLED.
///
/// Thread safety: pure but for the process's time zone; `parse` and the trimming
/// use the calling thread's JSON parser. Cost: one parse; an encoder appends to
/// one string.

#include "runtime/character_id.hpp"
#include "runtime/failure.hpp"
#include "runtime/local_timestamp.hpp"
#include "runtime/messages/character.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace troupe {
class clock_port;
}

namespace troupe::character_dialect {

inline constexpr std::size_t frame_limit = 1024 * 1024;  ///< each way, bytes (contract 2.4)
inline constexpr std::size_t message_id_limit = 1024;    ///< bytes; a longer one is not echoed
inline constexpr std::size_t context_limit = 64 * 1024;  ///< bytes: it is kept with the character
inline constexpr std::size_t config_limit = 256 * 1024;  ///< bytes: what a character's file may have

/// The contract's names (5.6) and one of ours.
namespace error_code {
inline constexpr std::string_view invalid_json = "INVALID_JSON";
inline constexpr std::string_view invalid_message = "INVALID_MESSAGE";
inline constexpr std::string_view unknown_type = "UNKNOWN_TYPE";
inline constexpr std::string_view no_character = "NO_CHARACTER";
inline constexpr std::string_view not_found = "NOT_FOUND";
inline constexpr std::string_view busy = "BUSY";
inline constexpr std::string_view timeout = "TIMEOUT";
inline constexpr std::string_view internal = "INTERNAL";
inline constexpr std::string_view cancelled = "CANCELLED";
}  // namespace error_code

/// In the order of `request`'s alternatives behind `refused`.
enum class request_kind : std::uint8_t { init, chat, status, save, load, reset, search, ping, subscribe, stop };

/// A frame that is no request.
struct refused {
  std::string_view code;
  std::string error;
  std::string field;  ///< the one at fault, or empty
};

struct init_request {
  std::string character_id;
  std::string config;  ///< `character_config`, a JSON object; or empty
};
struct chat_request {
  std::string text;
  std::string context;  ///< a JSON object, or empty
};
struct status_request {
  bool vitals = true;
  bool history = false;
  bool performance = false;
};
struct save_request {
  std::string filename;  ///< empty: none named
};
struct load_request {
  std::string filename;
};
struct reset_request {
  bool preserve_memories = true;
};
struct search_request {
  std::string query;
  std::int64_t limit = 5;
};
struct ping_request {};
struct subscribe_request {
  bool enabled = true;
};
struct stop_request {};

using request = std::variant<refused, init_request, chat_request, status_request, save_request, load_request,
                             reset_request, search_request, ping_request, subscribe_request, stop_request>;

struct incoming {
  std::optional<std::string> message_id;
  request what;

  bool is_refused() const { return what.index() == 0; }
  /// REQUIRES: not refused.
  request_kind kind() const { return static_cast<request_kind>(what.index() - 1); }
};

/// Never fails: what cannot be understood is `refused`.
incoming parse(std::string_view frame);

/// Why a request was not granted.
struct request_failure {
  std::string_view code;
  std::string error;
};
request_failure failure_of(const failure& error);

/// What every reply begins with.
struct reply_head {
  std::optional<std::string> message_id;
  std::int64_t wall_us = 0;  ///< wall clock, µs since the epoch
};

/// `body`: a JSON object's text with the reply's own fields (contract 5.3). A
/// reply that cannot be made shorter than the limit becomes a failure.
std::string encode_success(request_kind kind, const reply_head& head, std::string_view body);
std::string encode_failure(request_kind kind, const reply_head& head, const request_failure& why);
std::string encode_refused(const reply_head& head, const refused& why);

// The bodies that the dialect itself makes.
std::string init_body(std::string_view name, std::string_view info);
std::string ping_body(std::int64_t wall_us);
std::string subscribe_body(std::string_view character_id);
std::string stop_body(bool stopped);

/// A subscriber's frame. `body`: a JSON object's text.
shared_bytes encode_event(const turn_ref& ref, character_event_kind kind, const std::string& body,
                          std::int64_t wall_us);
/// For `character_deps::encode_event`; the clock must outlive it.
std::function<shared_bytes(const turn_ref&, character_event_kind, const std::string&)> event_encoder(
    const clock_port& clock);

/// `body` with as few entries less as it takes to have at most `room` bytes: of
/// `conversation_history` the oldest go, of `memories` the last, and `count`
/// follows. Nothing if that does not help.
std::optional<std::string> shortened_body(std::string_view body, std::size_t room);

}  // namespace troupe::character_dialect
