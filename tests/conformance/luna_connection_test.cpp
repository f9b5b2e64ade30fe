/// Luna contract, sections 4, 5.4, 6 and 12: a connection's life, the counts,
/// and what is answered about voice.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

auto counts(int clients, int text_sessions) {
  return [=](const json::object& health) {
    return health.at("active_clients") == clients && health.at("active_text_sessions") == text_sessions
           && health.at("active_voice_sessions") == 0;
  };
}

}  // namespace

TEST_CASE("the first frame says that the client is registered, and nothing more comes unasked") {
  live_server server;
  ws_client socket(server.port(), "/ws");
  CHECK(object_of(socket.receive()) == object_of(R"({"type":"client_registered","status":"connected"})"));
  socket.send(R"({"type":"start_voice_session"})");
  CHECK(type_of(object_of(socket.receive())) == "voice_session_error");
}

TEST_CASE("the origins of desktop clients are welcome") {
  live_server server;
  for (const std::string origin : {"file://", "null", "http://localhost:5173", "app://luna"}) {
    INFO(origin);
    auto client = server.connect("/ws", {.origin = origin});
    CHECK(client.silent());
  }
}

TEST_CASE("every voice start is answered with its error, in all of its forms") {
  live_server server;
  auto client = server.connect();
  for (
      const std::string start :
      {R"({"type":"start_voice_session"})", R"({"type":"start_voice_session","memories":[]})",
       R"({"type":"start_voice_session","initial_message":"Hi","memories":[{"memory":"Owns a cat","confidence":0.8}]})",
       R"({"type":"start_voice_session","initial_message":null,"memories":null})",
       R"({"type":"start_voice_session","payload":{"initial_message":"Hi","memories":[]}})"}) {
    INFO(start);
    client.send(start);
    const auto frame = client.next();
    CHECK(fields_of(frame) == "error type");
    CHECK(type_of(frame) == "voice_session_error");
    CHECK_FALSE(text_of(frame, "error").empty());
  }
  CHECK(server.health().at("active_voice_sessions") == 0);
}

TEST_CASE("media, answers nobody asked for and reserved types are dropped without a word") {
  live_server server;
  auto client = server.connect();
  for (
      const std::string frame :
      {R"({"type":"audio","mime_type":"audio/pcm","data":"EAAgADAAQAA="})",
       R"({"type":"audio","mime_type":"audio/pcm;rate=16000","data":"EAAgADAAQAA="})",
       R"({"type":"audio","mime_type":"audio/ogg","data":"EAAg"})", R"({"type":"audio","data":5})",
       R"({"type":"audio","mime_type":"audio/pcm","data":"*** no base64 ***"})",
       R"({"type":"video","mime_type":"image/jpeg","data":"/9j/"})", R"({"type":"voice_content","content":"Hello"})",
       R"({"type":"voice_content"})", R"({"type":"stop_voice_session"})", R"({"type":"stop_text_session"})",
       R"({"type":"stop_session"})", R"({"type":"text_content","data":"x"})",
       R"({"type":"memory_response","request_id":"9e1b7a52-6d0c-4d0e-8a55-1e4b8e5d2c90","status":"success","data":[]})",
       R"({"type":"mcp_response","payload":{"request_id":"x","data":{}}})", R"({"type":"nonsense_response"})",
       R"({"type":"something_new","deep":{"er":[1,2,3]}})", R"({"type":""})"})
    client.send(frame);
  CHECK(client.silent());
}

TEST_CASE("the counts follow connections and text sessions at once") {
  live_server server;
  CHECK(counts(0, 0)(server.health()));
  auto first = server.connect();
  CHECK(counts(1, 0)(server.health()));
  auto second = server.connect();
  CHECK(counts(2, 0)(server.health()));
  CHECK(object_of(server.http().get("/").body).at("active_clients") == 2);

  first.request(text_action("rewrite", "we was late"));
  CHECK(counts(2, 1)(server.health()));
  second.request(R"({"type":"start_text_session","payload":{"session_type":"rewrite",)"
                 R"("content":{"selected_text":"we was late","user_query":""}}})");
  CHECK(counts(2, 2)(server.health()));
  first.send(R"({"type":"stop_text_session"})");
  CHECK(first.silent());
  CHECK(counts(2, 1)(server.health()));
  first.request(text_action("rewrite", "we was late"));
  first.send(R"({"type":"stop_session"})");
  CHECK(first.silent());
  CHECK(counts(2, 1)(server.health()));
  first.request(text_action("rewrite", "we was late"));
  CHECK(counts(2, 2)(server.health()));

  first.socket().close();
  CHECK(server.health_becomes(counts(1, 1)));
  second.socket().drop();
  CHECK(server.health_becomes(counts(0, 0)));
}

TEST_CASE("a request that breaks a rule opens no text session") {
  live_server server;
  auto client = server.connect();
  for (
      const std::string request :
      {R"({"type":"text_action","action":"sing","text":"la"})", R"({"type":"start_text_session","action":"chat"})",
       R"({"type":"start_text_session","payload":{"session_type":"sing","content":{"selected_text":"","user_query":""}}})",
       R"({"type":"text","payload":{"text":"hello"}})"}) {
    INFO(request);
    CHECK_FALSE(client.request(request).complete());
    CHECK(counts(1, 0)(server.health()));
  }
}

TEST_CASE("a client that goes in the middle of an answer disturbs nobody and leaves nothing behind") {
  live_server server(settings_map{{"OFFLINE_PACE_MS", "5"}});
  auto stays = server.connect();
  stays.send(text_action("rewrite", sentences(40)));
  {
    auto goes = server.connect();
    goes.send(text_action("rewrite", sentences(400)));
    CHECK(type_of(goes.next()) == "chunk");
    goes.socket().drop();
  }
  CHECK(stays.read_answer().text == sentences(40));
  CHECK(server.health_becomes(counts(1, 1)));
}

TEST_CASE("a client identifier in a message means nothing") {
  live_server server;
  auto one = server.connect();
  auto other = server.connect();
  one.send(R"({"type":"text_action","client_id":"someone else","action":"rewrite","text":"we was late"})");
  CHECK(one.read_answer().text == "We were late.");
  CHECK(other.silent());
}
