/// contracts/character.md §2.3, §2.4: how a server with characters starts and
/// stops, and which paths are theirs.

#include "support/catch.hpp"
#include "support/character_client.hpp"
#include "support/live_server.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_CASE("a server says where characters are, and serves them at both paths") {
  character_files files;
  live_server server(files.settings());
  CHECK(server.output().find("characters at ws://127.0.0.1:" + std::to_string(server.port()) + "/character")
        != std::string::npos);
  for (const std::string path : {"/", "/character"}) {
    character_client client(server.port(), path);
    client.get("ping");
  }
  CHECK(server.http().get("/").status == 200);
  CHECK(server.http().get("/health").status == 200);
  CHECK_THROWS_AS(character_client(server.port(), "/elsewhere"), ws_refused);
  CHECK(type_of(server.connect().request(text_action("rewrite", "we was late")).end) == "complete");
}

TEST_CASE("like the character server any path is theirs, and plain HTTP stays as it was") {
  character_files files;
  live_server server(files.settings(), {"--like", "character"});
  for (const std::string path : {"/", "/character", "/ws", "/chat/now", "/api/v1/socket?user=x"}) {
    INFO(path);
    character_client client(server.port(), path);
    client.get("ping");
  }
  CHECK(server.http().get("/").status == 200);
  CHECK(server.http().get("/health").status == 200);
  CHECK(server.http().get("/elsewhere").status == 404);
}

TEST_CASE("clients of a server with CHARACTER are with that character before any init") {
  character_files files;
  live_server server(files.settings({{"CHARACTER", "harbor-pilot"}}));
  character_client client(server.port());
  CHECK(at_path(client.status(), "character_summary.character_info.character_id") == "harbor-pilot");
  CHECK_FALSE(client.say("Hello").empty());
}

TEST_CASE("a CHARACTER that is unknown or broken ends the start with 1 and a message") {
  character_files files;
  files.put("broken", "name: X\narchetype: y\npersonality: {big_five: {openness: 7}}\n");
  for (auto& [id, word] : std::vector<std::pair<std::string, std::string>>{
           {"nobody", "nobody"}, {"broken", "openness"}, {"../x", "character"}}) {
    INFO(id);
    temporary_folder folder;
    auto settings = files.settings({{"CHARACTER", id}, {"HOME", folder.path()}});
    const auto ended = run_command({TROUPE_BINARY, "serve", "--port", "0", "--data-dir", folder.file("data")}, settings,
                                   folder.path());
    CHECK(ended.status == 1);
    CHECK(ended.error.find(word) != std::string::npos);
    CHECK(ended.out.find("listening") == std::string::npos);
  }
}

TEST_CASE("a server that is stopped saves its characters and closes its clients") {
  character_files files;
  live_server server(files.settings({{"SAVES_DIR", files.path() + "/saves"}}));
  character_client client(server.port());
  client.init("harbor-pilot");
  client.say("Hello");
  CHECK(server.stop() == 0);
  CHECK(client.socket().wait_close() == 1001);
  const auto saved = object_of(read_text(files.path() + "/saves/harbor-pilot_server_autosave.json"));
  CHECK(at_path(saved, "character_state.conversation_history").as_array().size() == 2);
}

TEST_CASE("with AUTH=on a client needs a token") {
  character_files files;
  live_server server(files.settings({{"AUTH", "on"}, {"ACCESS_TOKEN", "tok_0123456789abcdef0123456789abcdef"}}));
  CHECK_THROWS_AS(character_client(server.port()), ws_refused);
  character_client client(server.port(), "/character?token=tok_0123456789abcdef0123456789abcdef");
  client.get("ping");
}

TEST_CASE("a page of somebody else reaches no character") {
  character_files files;
  live_server server(files.settings());
  CHECK_THROWS_AS(character_client(server.port(), "/", {.origin = "https://evil.example"}), ws_refused);
}
