#pragma once

/// \file
/// The two-pane chat on the terminal: keys in, pictures out, answers in
/// between; nothing waits for the network.
///
/// Thread safety: main thread. Errors: exit status 2 when the terminal cannot
/// show it.

#include "cli/chat/chat_session.hpp"

#include <functional>
#include <memory>

namespace troupe::chat {

/// `listen`: told whom the link's news are for, and null at the end.
int run_two_pane_chat(session_options options, character_link& link, std::shared_ptr<inbox> in, transcripts* kept,
                      bool colours, int stop, const std::function<void(chat_session*)>& listen);

}  // namespace troupe::chat
