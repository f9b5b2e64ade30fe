#pragma once

/// \file
/// The program under the name `run_character_server`: the flags, settings and
/// messages of the character server that this one replaces
/// (contracts/character.md §2.1 to §2.3, §4).
///
/// It looks up characters, or runs `serve` with TROUPE_LIKE=character. Where
/// nothing else is set, its own defaults hold: DATA_DIR ./data, LOG_FILE
/// DATA_DIR/logs/homunculus.log, MODEL ollama:OLLAMA_MODEL with OLLAMA_MODEL
/// llama3.3:70b. The name `localhost` is 127.0.0.1 here: HOST takes one address.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage. Thread safety: the program's
/// main thread.

#include <string_view>

namespace troupe::cli {

/// By the last component of argv[0].
bool is_run_character_server(std::string_view program);

int run_character_server(int argc, char** argv);

}  // namespace troupe::cli
