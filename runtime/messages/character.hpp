#pragma once

/// \file
/// Messages of characters: between a connection and a character, and between
/// both and the library of character files (contracts/character.md).
///
/// A character is one actor per id, woken by its keeper and shared by everybody
/// who is in its company; a private one (made from a client's own
/// `character_config`) has an id that begins with `private_character_prefix`
/// and ends with its last client.
///
/// Bodies. What a request is answered with is a JSON object's text that has the
/// fields of the contract's section 5.3 but `success` and `error`, which the
/// dialect adds with the envelope. Failures: `not_found` for no such file or
/// character, `invalid` for a file that breaks a rule, `busy`.

#include "runtime/failure.hpp"
#include "runtime/message_macros.hpp"
#include "runtime/messages/keeper.hpp"
#include "runtime/messages/turn.hpp"
#include "runtime/shared_bytes.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

inline constexpr std::string_view private_character_prefix = "private/";

inline bool is_private_character(std::string_view id) {
  return id.starts_with(private_character_prefix);
}
/// What clients call a character: of a private one, `private/NONCE/NAME`, the
/// part behind the last slash.
inline std::string_view public_character_id(std::string_view id) {
  return id.substr(id.rfind('/') + 1);
}

/// What a request to a character is answered with.
struct character_answer {
  std::string body;
  bool operator==(const character_answer&) const = default;
};
TROUPE_MESSAGE(character_answer, body)

/// Connection → character, request → `character_attached`: into its company.
/// The character reads its file again; one that breaks a rule is refused, and a
/// character that is awake goes on as it was.
struct character_attach {
  caf::actor watcher;  ///< none: it is only to be loaded (`--character`)
  std::string config;  ///< of a private one: the client's `character_config`, a JSON object; else empty
  bool operator==(const character_attach&) const = default;
};
TROUPE_MESSAGE(character_attach, watcher, config)

struct character_attached {
  std::string name;
  std::string info;  ///< `character_info` (contract 5.3), a JSON object
  bool operator==(const character_attached&) const = default;
};
TROUPE_MESSAGE(character_attached, name, info)

/// Connection → character: leaves its company. Its turns go on.
struct character_detach {
  caf::actor watcher;
  bool operator==(const character_detach&) const = default;
};
TROUPE_MESSAGE(character_detach, watcher)

/// Connection → character: from now on (or no longer) `character_event`s, too.
struct character_subscribe {
  caf::actor watcher;
  bool on = true;
  bool operator==(const character_subscribe&) const = default;
};
TROUPE_MESSAGE(character_subscribe, watcher, on)

enum class character_event_kind : std::uint8_t {
  turn_started = 1,  ///< `body`: {"user_message": text}
  reply_delta = 2,   ///< `body`: {"offset": bytes, "text": text}: a draft, the reply's final words come with the end
  turn_ended = 3,    ///< `body`: the `chat_response`'s fields; on a failure {"error": text}
  changed = 4,       ///< loaded, reset or its file changed: `body`: {"reason": word}
};
const char* to_string(character_event_kind kind) noexcept;

/// Character → subscribers: encoded once, shared by all of them.
struct character_event {
  turn_ref ref;
  character_event_kind kind = character_event_kind::turn_started;
  shared_bytes frame;  ///< the dialect's frame, ready to send (`character_deps::encode_event` made it)
  bool operator==(const character_event&) const = default;
};
TROUPE_MESSAGE(character_event, ref, kind, frame)

/// Connection → character, request → `character_answer`: `chat_request`. One
/// turn is in flight, the others wait; `busy` over the bound.
struct character_say {
  turn_ref ref;
  std::string text;
  std::string context;  ///< a JSON object, or empty
  bool operator==(const character_say&) const = default;
};
TROUPE_MESSAGE(character_say, ref, text, context)

/// Connection → character, request → `character_answer`: `status_request`.
struct character_status {
  bool vitals = true;
  bool history = false;
  bool performance = false;
  bool operator==(const character_status&) const = default;
};
TROUPE_MESSAGE(character_status, vitals, history, performance)

/// Connection → character, request → `character_answer`: `save_request`.
struct character_save {
  std::string filename;  ///< empty: `<id>_server_save.json`
  bool operator==(const character_save&) const = default;
};
TROUPE_MESSAGE(character_save, filename)

/// Connection → character, request → `character_answer`: take over what a save
/// file holds. The caller has read it (`save_read`) to know whose it is.
struct character_restore {
  std::string text;
  caf::actor watcher;
  bool operator==(const character_restore&) const = default;
};
TROUPE_MESSAGE(character_restore, text, watcher)

/// Connection → character, request → `character_answer`: `reset_request`.
struct character_reset {
  bool preserve_memories = true;
  bool operator==(const character_reset&) const = default;
};
TROUPE_MESSAGE(character_reset, preserve_memories)

/// Connection → character, request → `character_answer`: `memory_search_request`.
struct character_search {
  std::string query;
  std::int64_t limit = 5;
  bool operator==(const character_search&) const = default;
};
TROUPE_MESSAGE(character_search, query, limit)

/// Character → itself: the reply has had its time (a fallback goes out), or it
/// is time to save itself.
struct character_deadline {
  std::uint64_t turn = 0;  ///< 0: the time to save itself
  bool operator==(const character_deadline&) const = default;
};
TROUPE_MESSAGE(character_deadline, turn)

// -- the library: character files and save files -------------------------------

/// Request → `definition_found`: a character's file, read and checked.
struct definition_read {
  std::string id;      ///< file stem
  std::string config;  ///< instead of the file: a JSON object that is checked alike
  bool operator==(const definition_read&) const = default;
};
TROUPE_MESSAGE(definition_read, id, config)

struct definition_found {
  std::string config;                 ///< the processed configuration as JSON (contract 9 `character_config`)
  std::uint64_t digest = 0;           ///< of the file's bytes: another one, another file
  std::vector<std::string> warnings;  ///< each names file, line and column
  bool operator==(const definition_found&) const = default;
};
TROUPE_MESSAGE(definition_found, config, digest, warnings)

/// Request → `save_found`: a save file, by a name inside of SAVES_DIR.
struct save_read {
  std::string filename;
  bool operator==(const save_read&) const = default;
};
TROUPE_MESSAGE(save_read, filename)

struct save_found {
  std::string character_id;
  std::string text;
  bool operator==(const save_found&) const = default;
};
TROUPE_MESSAGE(save_found, character_id, text)

/// Request → `save_written`: atomically (temporary file, sync, rename).
struct save_write {
  std::string filename;  ///< `.json` is added if it is missing
  std::string text;
  bool operator==(const save_write&) const = default;
};
TROUPE_MESSAGE(save_write, filename, text)

struct save_written {
  std::string path;  ///< as written, SAVES_DIR included (contract 5.3)
  bool operator==(const save_written&) const = default;
};
TROUPE_MESSAGE(save_written, path)

/// Library → itself: the blocking pool is done with this piece of work.
struct library_ready {
  std::uint64_t number = 0;
  bool operator==(const library_ready&) const = default;
};
TROUPE_MESSAGE(library_ready, number)

TROUPE_INTERFACE(library_actor, TROUPE_ASKS(definition_read, definition_found), TROUPE_ASKS(save_read, save_found),
                 TROUPE_ASKS(save_write, save_written), TROUPE_TELLS(library_ready));

TROUPE_INTERFACE(character_actor, TROUPE_ASKS(character_attach, character_attached), TROUPE_TELLS(character_detach),
                 TROUPE_TELLS(character_subscribe), TROUPE_ASKS(character_say, character_answer),
                 TROUPE_ASKS(character_status, character_answer), TROUPE_ASKS(character_save, character_answer),
                 TROUPE_ASKS(character_restore, character_answer), TROUPE_ASKS(character_reset, character_answer),
                 TROUPE_ASKS(character_search, character_answer), TROUPE_TELLS(character_deadline),
                 TROUPE_TELLS(recall_deadline), TROUPE_TELLS(turn_stop), TROUPE_TELLS(run_delta),
                 TROUPE_TELLS(run_ended), TROUPE_ASKS(run_tools_begin, run_tools_saved),
                 TROUPE_ASKS(run_tool_finished, run_tools_saved), TROUPE_ASKS(drain, drained),
                 TROUPE_TELLS(drain_deadline), TROUPE_TELLS(idle_check), TROUPE_TELLS(sleep_now));

}  // namespace troupe
