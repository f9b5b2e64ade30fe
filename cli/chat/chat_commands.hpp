#pragma once

/// \file
/// The slash commands (contracts/character.md §3.3). Only the session includes this.

#include "cli/chat/chat_session.hpp"

#include <span>
#include <string>
#include <string_view>

namespace troupe::chat {

struct chat_commands {
  struct command {
    std::string_view name;       ///< without the slash
    std::string_view arguments;  ///< for the help
    std::string_view help;
    bool at_once;  ///< concerns the display only: does not wait for an answer
    void (*run)(chat_session&, const std::string& argument);
  };
  static std::span<const command> all();
  static const command* find(std::string_view name);

  static void help(chat_session& in, const std::string& argument);
  static void debug(chat_session& in, const std::string& argument);
  static void vitals(chat_session& in, const std::string& argument);
  static void memory(chat_session& in, const std::string& argument);
  static void goals(chat_session& in, const std::string& argument);
  static void mood(chat_session& in, const std::string& argument);
  static void save(chat_session& in, const std::string& argument);
  static void load(chat_session& in, const std::string& argument);
  static void reset(chat_session& in, const std::string& argument);
  static void export_conversation(chat_session& in, const std::string& argument);
  static void clear(chat_session& in, const std::string& argument);
  static void scroll(chat_session& in, const std::string& argument);
  static void autoscroll(chat_session& in, const std::string& argument);
  static void pane(chat_session& in, const std::string& argument);
  static void status(chat_session& in, const std::string& argument);
  static void stream(chat_session& in, const std::string& argument);
  static void conversations(chat_session& in, const std::string& argument);
  static void history(chat_session& in, const std::string& argument);
  static void leave(chat_session& in, const std::string& argument);
};

}  // namespace troupe::chat
