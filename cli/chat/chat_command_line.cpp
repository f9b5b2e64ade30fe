#include "cli/chat/chat_options.hpp"
#include "cli/chat/chat_program.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace troupe::chat {

void add_chat(CLI::App& app, chosen_command& chosen) {
  auto flags = std::make_shared<chat_flags>();
  auto* chat = app.add_subcommand("chat", "Talk to a character, on a server or in this program");
  chat->add_flag("--remote,-r", flags->remote, "Use a server; otherwise the character lives in this program");
  chat->add_option("--server-url", flags->server_url, "Where the server is")->capture_default_str();
  chat->add_flag("--no-fallback", flags->no_fallback, "With --remote: without a server, end");
  chat->add_option("--character,-c", flags->character, "Id of the character; skips the menu");
  chat->add_option("--activate,-a", flags->activate, "The same, and goes before --character");
  chat->add_flag("--vitals-only,-v", flags->vitals_only, "Show the vitals once a second, and no chat");
  chat->add_flag("--no-vitals,--plain", flags->plain, "Line by line, without panes; so it is in a pipe, too");
  chat->add_flag("--debug,-d", flags->debug, "Begin with debug mode on");
  chat->add_flag("--list-characters,-l", flags->list_characters, "List the characters and end");
  chat->add_option("--save-dir", flags->save_dir, "Where a character of this program is saved (./data/saves)");
  chat->add_option("--user-id,-u", flags->user_id, "Who you are, for the transcripts (anonymous)");
  chat->callback([&chosen, flags] { chosen = [flags](const auto& settings) { return run_chat(settings, *flags); }; });

  auto test = std::make_shared<selftest_flags>();
  auto* selftest =
      app.add_subcommand("selftest", "Try out a server step by step; exit status 0 means that all went well");
  selftest->add_option("--character", test->character, "The character protocol, with this character (m-playful)")
      ->expected(0, 1)
      ->required();
  selftest->add_option("--url", test->url,
                       "A running server, e.g. ws://localhost:8765; without it, one in this program");
  selftest->callback(
      [&chosen, test] { chosen = [test](const auto& settings) { return selftest_of_characters(settings, *test); }; });
}

}  // namespace troupe::chat
