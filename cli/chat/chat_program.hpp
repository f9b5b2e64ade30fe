#pragma once

/// \file
/// `troupe chat` from its beginning to its end: the link, the character, the
/// interface (contracts/character.md §3.2); and `troupe selftest --character`.
///
/// Thread safety: once per process, from its main thread.
/// Exit statuses: 0; 1 for no connection with --no-fallback, no character, or
/// one that could not be initialised; 2 for wrong usage.

#include "cli/chat/chat_options.hpp"

namespace troupe::chat {

int run_chat(const config::settings& settings, const chat_flags& flags);
int selftest_of_characters(const config::settings& settings, const selftest_flags& flags);

}  // namespace troupe::chat
