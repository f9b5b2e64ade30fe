#include "cli/ask_actor.hpp"
#include "cli/node.hpp"
#include "config/settings.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <future>

using namespace troupe;
using namespace troupe::cli;
using namespace troupe::test;

namespace {

template <class Answer, class Handle, class Message>
expected<Answer> ask(node& of, const Handle& who, Message message) {
  auto done = std::make_shared<std::promise<expected<Answer>>>();
  auto waiting = done->get_future();
  ask_actor<Answer>(of.services(), who, std::move(message),
                    [done](expected<Answer> answer) { done->set_value(std::move(answer)); });
  if (waiting.wait_for(std::chrono::seconds(20)) != std::future_status::ready)
    return failure{failure_kind::timeout, "no answer"};
  return waiting.get();
}

}  // namespace

TEST_CASE("a node has characters that talk, are saved at its end and are there again at the next start") {
  const temporary_folder folder;
  std::filesystem::create_directories(folder.file("schemas"));
  std::ofstream(folder.file("schemas/ines.yaml")) << "name: Ines\narchetype: guide\n";
  auto settings = std::get<config::settings>(config::load({}));
  settings.data_dir = folder.file("data");
  settings.character_schemas_dir = folder.file("schemas");
  for (int start = 1; start <= 2; ++start) {
    auto opened = node::open(settings);
    REQUIRE(opened);
    auto& here = **opened;
    auto known = ask<keeper_opened>(here, here.characters(), keeper_open{"ines"});
    REQUIRE(known);
    auto attached = ask<character_attached>(here, known->handle, character_attach{});
    REQUIRE(attached);
    CHECK(attached->name == "Ines");
    auto said = ask<character_answer>(
        here, known->handle,
        character_say{turn_ref{1, static_cast<std::uint64_t>(start), 0}, "My boat is called Wren.", {}});
    REQUIRE(said);
    const auto body = boost::json::parse(said->body).as_object();
    CHECK_FALSE(body.at("response_text").as_string().empty());
    CHECK_FALSE(body.at("generation_info").as_object().contains("fallback_used"));
    auto status = ask<character_answer>(here, known->handle, character_status{true, true, true});
    REQUIRE(status);
    CHECK(boost::json::parse(status->body).at("conversation_history").as_array().size() == 2u * start);
    here.drain(std::chrono::seconds(5));
    std::ifstream saved(folder.file("data/saves/ines_server_autosave.json"));
    const std::string text{std::istreambuf_iterator<char>(saved), {}};
    CHECK(text.find("My boat is called Wren.") != std::string::npos);
    std::filesystem::remove_all(folder.file("data/saves"));
    here.stop();
  }
}
