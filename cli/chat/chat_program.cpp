#include "cli/chat/chat_program.hpp"

#include "cli/chat/character_menu.hpp"
#include "cli/chat/chat_session.hpp"
#include "cli/chat/json_fields.hpp"
#include "cli/chat/local_link.hpp"
#include "cli/chat/network_text.hpp"
#include "cli/chat/plain_chat.hpp"
#include "cli/chat/remote_link.hpp"
#include "cli/chat/signal_input.hpp"
#include "cli/chat/two_pane_chat.hpp"
#include "cli/chat/vitals_monitor.hpp"
#include "cli/terminal.hpp"
#include "config/quote.hpp"

#include <cstdio>
#include <optional>

#include <unistd.h>

namespace troupe::chat {

namespace {

namespace json = boost::json;

enum exit_status : int { done = 0, failed = 1, bad_use = 2 };

void tell(const std::string& text) {
  std::printf("* %s\n", config::printable(text).c_str());
  std::fflush(stdout);
}

int fail(const failure& why, exit_status status = failed) {
  std::fflush(stdout);
  std::fprintf(stderr, "error: %s\n", config::printable(why.message).c_str());
  return status;
}

/// The id, or the exit status.
struct choice {
  std::string id;
  int status = done;
};

choice choose(const config::settings& settings, const chat_flags& flags, const client_folders& folders,
              const cli::terminal& out, bool interactive) {
  for (const auto* named : {&flags.activate, &flags.character})
    if (!named->empty()) return {*named};
  if (!settings.character.empty()) return {settings.character};
  const auto all = characters_in_folder(folders.schemas);
  if (all.empty())
    return {{},
            fail({failure_kind::not_found, "there are no characters in " + folders.schemas.string()
                                               + "; name one with --character, or another folder with"
                                                 " CHARACTER_SCHEMAS_DIR"})};
  out.print(list_of(all));
  for (;;) {
    if (interactive) std::printf("Character [1], q quits: ");
    std::fflush(stdout);
    // One byte at a time: what follows the line is the chat's.
    std::string line;
    char c = 0;
    bool any = false;
    while (::read(STDIN_FILENO, &c, 1) == 1 && (any = true) && c != '\n') line += c;
    if (!any) return {};
    const auto answer = chosen_from(all, line);
    if (answer.id) return {*answer.id};
    if (answer.quit) return {};
    std::fprintf(stderr, "%s\n", answer.error.c_str());
  }
}

expected<std::unique_ptr<character_link>> make_remote_link(const client_environment& environment,
                                                           const std::string& url) {
  remote_options options;
  options.url = url;
  options.request_limit = environment.request_limit;
  options.keepalive = !environment.debug;
  auto made = remote_link::make(std::move(options));
  if (!made) return made.error();
  return std::unique_ptr<character_link>(std::move(*made));
}

/// What the link tells goes to the session, once there is one.
struct link_news {
  std::shared_ptr<inbox> in = std::make_shared<inbox>();
  chat_session* session = nullptr;

  character_link::listeners listeners() {
    return {[this](json::object message) {
              in->post([this, message = std::move(message)] {
                if (session != nullptr) session->event(message);
              });
            },
            [this](link_state now, std::string text) {
              in->post([this, now, text = std::move(text)] {
                if (session != nullptr) session->link_changed(now, text);
              });
            }};
  }
};

struct connected_link {
  std::unique_ptr<character_link> link;
  int status = done;
};

connected_link connect_or_fall_back(const config::settings& settings, const chat_flags& flags,
                                    const client_environment& environment, const client_folders& folders,
                                    link_news& news, signal_input& signals) {
  if (flags.remote) {
    auto made = make_remote_link(environment, flags.server_url);
    if (!made) return {nullptr, fail(made.error(), bad_use)};
    (*made)->listen(news.listeners());
    signals.obey();
    const auto opened = connect(**made);
    if (opened) {
      tell("connected to " + (*made)->where());
      return {std::move(*made)};
    }
    if (flags.no_fallback) return {nullptr, fail(opened.error())};
    (*made)->close();
    signals.hold();
    tell(opened.error().message + "; the character lives in this program instead");
  }
  auto made = local_link::make(settings, environment, folders);
  if (!made) return {nullptr, fail(made.error())};
  (*made)->listen(news.listeners());
  signals.obey();
  return {std::move(*made)};
}

}  // namespace

int run_chat(const config::settings& settings, const chat_flags& flags) {
  const auto environment = client_environment::of(config::load_inputs::of_process());
  if (!environment) return fail(environment.error(), bad_use);
  const auto folders = folders_of(settings, *environment, flags);
  const auto out = cli::terminal::of_stdout();
  if (flags.list_characters) {
    const auto all = characters_in_folder(folders.schemas);
    if (all.empty()) tell("no characters were found in " + folders.schemas.string());
    out.print(list_of(all));
    return done;
  }
  const bool interactive = out.is_one && ::isatty(STDIN_FILENO) == 1;
  signal_input signals;
  link_news news;
  auto connected = connect_or_fall_back(settings, flags, *environment, folders, news, signals);
  if (!connected.link) return connected.status;
  auto& link = *connected.link;
  const auto chosen = choose(settings, flags, folders, out, interactive);
  if (chosen.id.empty()) return chosen.status;

  auto greeted = succeeded(ask(link, {{"message_type", "init_request"},
                                      {"character_id", chosen.id},
                                      {"character_config", nullptr},
                                      {"agent_config", nullptr}}),
                           "init_response");
  if (!greeted)
    return fail({failure_kind::invalid,
                 "the character '" + chosen.id + "' could not be initialised: " + greeted.error().message});
  signals.read_them();  // from here on, leaving has something to save
  const auto& info = object_field(*greeted, "character_info");
  session_options options;
  options.character_id = text_field(info, "character_id", chosen.id);
  options.name = one_line(text_field(*greeted, "character_name", text_field(info, "name", chosen.id)));
  options.archetype = one_line(text_field(info, "archetype", "Unknown"));
  options.debug = flags.debug;
  options.asks = interactive;
  options.data = folders.data;
  tell(options.name + " (" + options.archetype + "), " + link.where());
  if (flags.vitals_only) return watch_vitals(link, out, signals.descriptor());

  news.in->run();  // what the link told before there was anybody to hear it
  const bool panes = interactive && !flags.plain;
  std::optional<transcripts> kept;
  if (!panes || !flags.user_id.empty()) {
    auto opened = transcripts::open(folders.data / "conversations", flags.user_id.empty() ? "anonymous" : flags.user_id,
                                    options.character_id);
    if (opened)
      kept = std::move(*opened);
    else
      fail(opened.error());
  }
  if (panes)
    return run_two_pane_chat(std::move(options), link, news.in, kept ? &*kept : nullptr, out.colours,
                             signals.descriptor(), [&news](chat_session* session) { news.session = session; });
  options.stream = interactive;
  plain_display display(out, interactive);
  display.stream(options.stream);
  chat_session session(std::move(options), {link, display, news.in, kept ? &*kept : nullptr});
  news.session = &session;
  session.begin();
  run_plain_chat(session, display, *news.in, signals.descriptor());
  link.close();
  return done;
}

}  // namespace troupe::chat
