/// Characters whose words come from an Ollama: one that answers, one that is
/// absent, slow or cut off in the middle (contracts/character.md 7.8, 10).

#include "support/catch.hpp"
#include "support/character_client.hpp"
#include "support/live_server.hpp"
#include "support/scripted_http_server.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

std::map<std::string, std::string> with_ollama(const character_files& files, std::uint16_t port) {
  return files.settings({{"MODEL", "ollama:tiny"},
                         {"OLLAMA_BASE_URL", "http://127.0.0.1:" + std::to_string(port)},
                         {"CHARACTER_REPLY_LIMIT_MS", "1000"}});
}

std::string piece(const std::string& words, bool done = false) {
  return chunk(json::serialize(json::object{{"message", {{"role", "assistant"}, {"content", words}}}, {"done", done}})
               + "\n");
}

std::string whole(const std::string& words) {
  return chunked_head("Content-Type: application/x-ndjson\r\n") + piece(words) + piece("", true)
         + std::string(last_chunk);
}

/// A reply that says it has no words is a success all the same.
void check_fallback(const json::object& reply) {
  INFO(json::serialize(reply));
  CHECK(text_of(reply, "message_type") == "chat_response");
  CHECK(reply.at("success") == true);
  CHECK_FALSE(text_of(reply, "response_text").empty());
  CHECK(reply.at("character_insights").at("thinking_style") == "confused");
  CHECK(reply.at("character_insights").at("emotional_tone") == "uncertain");
  CHECK(reply.at("response_metadata").at("fallback") == true);
  CHECK(reply.at("generation_info").at("fallback_used") == true);
}

}  // namespace

TEST_CASE("an Ollama is told who the character is and how long it may talk") {
  character_files files;
  scripted_http_server ollama(answering(whole("<think>who am I</think>By the kelp, mostly.")));
  live_server server(with_ollama(files, ollama.port()));
  character_client client(server.port());
  client.init("harbor-pilot");
  const auto reply = client.get("chat", {{"user_message", "How do you read the tide?"}});
  CHECK(text_of(reply, "response_text") == "By the kelp, mostly.");
  CHECK_FALSE(reply.at("response_metadata").as_object().contains("fallback"));
  const auto seen = ollama.requests();
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].path == "/api/chat");
  const auto body = json::parse(seen[0].body);
  CHECK(body.at("model") == "tiny");
  const auto& wanted = reply.at("generation_info").at("generation_params");
  CHECK(body.at("options").at("temperature").to_number<double>()
        == Approx(wanted.at("temperature").to_number<double>()));
  CHECK(body.at("options").at("num_predict").to_number<int>() == wanted.at("max_tokens").to_number<int>());
  CHECK(seen[0].body.find("Ines Calloway") != std::string::npos);
  CHECK(text_of(body.at("messages").as_array().back().as_object(), "content").find("How do you read the tide?")
        != std::string::npos);
}

TEST_CASE("without an Ollama a character has no words, in time, and goes on") {
  character_files files;
  live_server server(with_ollama(files, 1));
  character_client client(server.port());
  client.init("harbor-pilot");
  check_fallback(client.ask("chat", {{"user_message", "Hello"}}));
  check_fallback(client.ask("chat", {{"user_message", "Are you there?"}}));
  const auto history = client.status(true).at("conversation_history").as_array();
  CHECK(history.size() == 4);
}

TEST_CASE("an Ollama that does not answer costs a turn the reply limit, and the next one is answered") {
  character_files files;
  gate never;
  scripted_http_server ollama(answering(whole("Here I am.")));
  ollama.next([&](peer& each) {
    each.read_request();
    each.wait(never);
  });
  live_server server(with_ollama(files, ollama.port()));
  character_client client(server.port()), looks(server.port());
  client.init("harbor-pilot");
  looks.init("harbor-pilot");
  const auto chat = client.send("chat", {{"user_message", "Hello"}});
  looks.get("ping");
  CHECK(looks.status().at("success") == true);
  check_fallback(client.reply_to(chat));
  never.open();
  CHECK(client.say("And now?") == "Here I am.");
}

TEST_CASE("an answer that is cut off is not taken for a reply") {
  character_files files;
  scripted_http_server ollama(answering(whole("Whole again.")));
  ollama.next([](peer& each) {
    each.read_request();
    each.send(chunked_head("Content-Type: application/x-ndjson\r\n") + piece("By the "));
    each.reset();
  });
  live_server server(with_ollama(files, ollama.port()));
  character_client client(server.port());
  client.init("harbor-pilot");
  const auto reply = client.ask("chat", {{"user_message", "How do you read the tide?"}});
  check_fallback(reply);
  CHECK(text_of(reply, "response_text").find("By the ") == std::string::npos);
  CHECK(client.say("Once more?") == "Whole again.");
}
