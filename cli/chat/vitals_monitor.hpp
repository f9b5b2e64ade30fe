#pragma once

/// \file
/// `--vitals-only` (contracts/character.md §3.5): the vitals, once a second.
///
/// On a terminal the screen is drawn anew; in a pipe the blocks follow each
/// other. Ends on Ctrl-C. Thread safety: main thread. `stop`: as in plain_chat.hpp.

#include "cli/chat/character_link.hpp"
#include "cli/terminal.hpp"

namespace troupe::chat {

int watch_vitals(character_link& link, const cli::terminal& out, int stop);

}  // namespace troupe::chat
