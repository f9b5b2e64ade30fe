#include "cli/chat/chat_program.hpp"
#include "cli/chat/json_fields.hpp"
#include "cli/chat/local_link.hpp"
#include "cli/chat/network_text.hpp"
#include "cli/chat/remote_link.hpp"
#include "config/quote.hpp"

#include <cstdio>
#include <functional>

namespace troupe::chat {

namespace json = boost::json;

namespace {

/// The acceptance sequence (contracts/character.md §10): each step prints how it went.
class steps {
 public:
  steps(character_link& link, std::string character) : link_(link), character_(std::move(character)) {}

  bool run() {
    const auto save = character_ + "_selftest.json";
    std::string saved;
    return step("connect", [&] { return connect(link_); })
           && ask_step(
               "ping", {{"message_type", "ping_request"}}, "ping_response",
               [](auto& answer) { return !text_field(answer, "server_time").empty(); }, "a server_time")
           && ask_step(
               "init", {{"message_type", "init_request"}, {"character_id", character_}}, "init_response",
               [](auto& answer) { return !text_field(answer, "character_name").empty(); }, "a character_name")
           && ask_step(
               "chat",
               {{"message_type", "chat_request"},
                {"user_message", "Hello! What shall we do today?"},
                {"context", json::object{{"debug_mode", false}}}},
               "chat_response", [](auto& answer) { return !text_field(answer, "response_text").empty(); },
               "a response_text")
           && ask_step(
               "status", {{"message_type", "status_request"}, {"include_vitals", true}}, "status_response",
               [](auto& answer) { return !object_field(answer, "vitals").empty(); }, "vitals")
           && ask_step(
               "save", {{"message_type", "save_request"}, {"filename", save}}, "save_response",
               [](auto& answer) { return !text_field(answer, "filename").empty(); }, "a filename")
           && ask_step(
               "load", {{"message_type", "load_request"}, {"filename", save}}, "load_response",
               [this](auto& answer) {
                 return text_field(object_field(answer, "character_info"), "character_id") == character_;
               },
               "the character's own character_info");
  }

 private:
  bool step(const char* name, const std::function<expected<void>()>& act) {
    const auto good = act();
    if (good)
      std::printf("%-8s ok\n", name);
    else
      std::printf("%-8s failed: %s\n", name, config::printable(good.error().message).c_str());
    std::fflush(stdout);
    return good.has_value();
  }

  bool ask_step(const char* name, json::object request, const char* type,
                const std::function<bool(const json::object&)>& holds, const char* what) {
    return step(name, [&]() -> expected<void> {
      const auto answer = succeeded(ask(link_, std::move(request)), type);
      if (!answer) return answer.error();
      if (!holds(*answer)) return failure{failure_kind::invalid, std::string("the answer lacks ") + what};
      return {};
    });
  }

  character_link& link_;
  std::string character_;
};

}  // namespace

int selftest_of_characters(const config::settings& settings, const selftest_flags& flags) {
  const auto complain = [](const failure& why, int status) {
    std::fprintf(stderr, "error: %s\n", config::printable(why.message).c_str());
    return status;
  };
  const auto environment = client_environment::of(config::load_inputs::of_process());
  if (!environment) return complain(environment.error(), 2);
  std::unique_ptr<character_link> link;
  if (flags.url.empty()) {
    auto made = local_link::make(settings, *environment, folders_of(settings, *environment, {}));
    if (!made) return complain(made.error(), 1);
    link = std::move(*made);
  } else {
    remote_options options;
    options.url = flags.url;
    options.request_limit = environment->request_limit;
    auto made = remote_link::make(std::move(options));
    if (!made) return complain(made.error(), 2);
    link = std::move(*made);
  }
  std::printf("%s\n", config::printable(link->where()).c_str());
  const bool good = steps(*link, flags.character.empty() ? "m-playful" : flags.character).run();
  std::printf(good ? "all went well\n" : "it stopped here\n");
  link->close();
  return good ? 0 : 1;
}

}  // namespace troupe::chat
