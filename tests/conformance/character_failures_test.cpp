/// contracts/character.md §5.6, §9, §11: every failure has its reply, and the
/// connection goes on.

#include "support/catch.hpp"
#include "support/character_client.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

std::string code_of(const json::object& frame) {
  return text_of(frame, "error_code");
}

void check_failed(const json::object& frame, const std::string& type, const std::string& code) {
  INFO(json::serialize(frame));
  CHECK(text_of(frame, "message_type") == type);
  CHECK(frame.at("success") == false);
  CHECK_FALSE(text_of(frame, "error").empty());
  CHECK(code_of(frame) == code);
}

}  // namespace

TEST_CASE("what is no request is answered with error_response, and the id is echoed if it can be read") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  struct row {
    std::string frame;
    std::string code;
    json::value id;
  };
  for (auto& each : std::vector<row>{
           {"hello", "INVALID_JSON", nullptr},
           {"", "INVALID_JSON", nullptr},
           {R"({"message_type":"ping_request","message_id":"a")", "INVALID_JSON", nullptr},
           {"[]", "INVALID_MESSAGE", nullptr},
           {"{}", "INVALID_MESSAGE", nullptr},
           {R"({"message_id":"b"})", "INVALID_MESSAGE", "b"},
           {R"({"message_type":"chat_request","message_id":"c"})", "INVALID_MESSAGE", "c"},
           {R"({"message_type":"chat_request","message_id":"d","user_message":5})", "INVALID_MESSAGE", "d"},
           {R"({"message_type":"ping_request","message_id":5})", "INVALID_MESSAGE", nullptr},
           {R"({"message_type":"sing_request","message_id":"e"})", "UNKNOWN_TYPE", "e"},
           {R"({"message_type":"chat_response","message_id":"f","success":true})", "UNKNOWN_TYPE", "f"},
       }) {
    INFO(each.frame);
    const auto frame = client.answer_to(each.frame);
    CHECK(fields_of(frame) == "details error error_code message_id message_type timestamp");
    CHECK(text_of(frame, "message_type") == "error_response");
    CHECK(code_of(frame) == each.code);
    CHECK(frame.at("message_id") == each.id);
    CHECK_FALSE(text_of(frame, "error").empty());
  }
  CHECK(text_of(client.answer_to(R"({"message_type":"sing_request"})"), "error").find("sing_request")
        != std::string::npos);
  client.get("ping");
}

TEST_CASE("without a character each request fails in its own form, with every field that it needs") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  const auto chat = client.ask("chat", {{"user_message", "x"}});
  check_failed(chat, "chat_response", "NO_CHARACTER");
  CHECK(text_of(chat, "response_text").empty());
  for (const char* name : {"character_insights", "response_metadata", "generation_info", "orchestration_summary",
                           "cognitive_summary", "character_state_summary", "performance_info"})
    CHECK(chat.at(name).is_object());
  const auto status = client.ask("status");
  check_failed(status, "status_response", "NO_CHARACTER");
  CHECK(status.at("character_summary").is_object());
  const auto save = client.ask("save", {{"filename", "x"}});
  check_failed(save, "save_response", "NO_CHARACTER");
  CHECK(save.at("filename").is_string());
  check_failed(client.ask("reset"), "reset_response", "NO_CHARACTER");
  const auto search = client.ask("memory_search", {{"query", "x"}});
  check_failed(search, "memory_search_response", "NO_CHARACTER");
  CHECK(search.at("memories").as_array().empty());
  CHECK(search.at("count") == 0);
  client.get("ping");
}

TEST_CASE("an unknown character is not found, and the one before stays") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  for (const std::string id : {"nobody", "", "..", "../harbor-pilot", "/etc/passwd", "private/x/harbor-pilot"}) {
    INFO(id);
    const auto frame = client.ask("init", {{"character_id", id}});
    check_failed(frame, "init_response", "NOT_FOUND");
    CHECK(frame.at("character_name").is_string());
    CHECK(frame.at("character_info").is_object());
  }
  CHECK(at_path(client.status(), "character_summary.character_info.character_id") == "harbor-pilot");
}

TEST_CASE("a file that breaks a rule is refused with file, field and range") {
  character_files files;
  files.put("broken", "name: X\narchetype: y\nneurochemical_baseline: {dopamine: 120}\n");
  live_server server(files.settings());
  character_client client(server.port());
  const auto frame = client.ask("init", {{"character_id", "broken"}});
  check_failed(frame, "init_response", "INVALID_MESSAGE");
  for (const char* word : {"broken.yaml", "dopamine", "100"}) {
    INFO(text_of(frame, "error"));
    CHECK(text_of(frame, "error").find(word) != std::string::npos);
  }
  const auto config = client.ask("init", {{"character_id", "mine"}, {"character_config", {{"archetype", "x"}}}});
  check_failed(config, "init_response", "INVALID_MESSAGE");
  CHECK(text_of(config, "error").find("name") != std::string::npos);
}

TEST_CASE("names that would leave the folder of saves are refused, in both directions") {
  character_files files;
  live_server server(files.settings());
  const auto secret = server.file("secret.json");
  std::ofstream(secret) << "{}";
  character_client client(server.port());
  client.init("harbor-pilot");
  for (const std::string& name :
       {std::string("../x"), std::string("../../x.json"), std::string("/tmp/x"), secret, std::string("a/../../x"),
        std::string(".."), std::string("."), std::string("a\0b", 3), std::string("/"), std::string(5000, 'x')}) {
    INFO(name);
    for (const std::string type : {"save", "load"}) {
      const auto frame = client.ask(type, {{"filename", name}});
      CHECK(text_of(frame, "message_type") == type + "_response");
      CHECK(frame.at("success") == false);
      CHECK((code_of(frame) == "INVALID_MESSAGE" || code_of(frame) == "NOT_FOUND"));
    }
  }
  CHECK(read_text(secret) == "{}");
  CHECK_FALSE(std::filesystem::exists(server.data_dir() + "/x.json"));
  check_failed(client.ask("load", {{"filename", "missing"}}), "load_response", "NOT_FOUND");
  client.get("save", {{"filename", "inside"}});
}

TEST_CASE("a save file that is none is refused and nothing changes") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  client.say("Hello");
  const auto path = text_of(client.get("save", {{"filename", "good"}}), "filename");
  const auto folder = std::filesystem::path(path).parent_path();
  for (const std::string text : {"", "{", "[]", "{}", R"({"character_state":5})", R"({"character_state":{}})"}) {
    INFO(text);
    std::ofstream(folder / "bad.json", std::ios::trunc) << text;
    const auto frame = client.ask("load", {{"filename", "bad.json"}});
    check_failed(frame, "load_response", "INVALID_MESSAGE");
  }
  CHECK(client.status(true).at("conversation_history").as_array().size() == 2);
}

TEST_CASE("a binary message that is JSON is a request like any other") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.socket().send_binary(R"({"message_type":"ping_request","message_id":"b-1"})");
  const auto frame = client.reply();
  CHECK(text_of(frame, "message_type") == "ping_response");
  CHECK(text_of(frame, "message_id") == "b-1");
  client.socket().send_binary("\xFF\xFE{}");
  CHECK(code_of(client.reply()) == "INVALID_JSON");
  client.get("ping");
}

TEST_CASE("a message of 1 MiB is taken, a longer one closes that connection with 1009") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  constexpr std::size_t limit = 1024 * 1024;
  const std::string head = R"({"message_type":"ping_request","message_id":"most","x":")", tail = "\"}";
  const auto most = head + std::string(limit - head.size() - tail.size(), 'a') + tail;
  CHECK(text_of(client.answer_to(most), "message_id") == "most");
  character_client other(server.port());
  other.socket().send_raw(raw_frame(1, most + " ").substr(0, 14));
  CHECK(other.socket().wait_close() == 1009);
  client.get("ping");
}

TEST_CASE("a history of long messages stays shorter than a message may be") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  for (int i = 0; i < 12; ++i)
    client.get("chat", {{"user_message", "Number " + std::to_string(i) + std::string(100'000, '\x01')}});
  client.send("status", {{"include_history", true}});
  const auto text = client.socket().receive();
  CHECK(text.size() < 1024 * 1024);
  const auto frame = object_of(text);
  CHECK(frame.at("success") == true);
  bool has_latest = false;
  for (auto& each : frame.at("conversation_history").as_array())
    has_latest = has_latest || text_of(each.as_object(), "message").starts_with("Number 11");
  CHECK(has_latest);
}

TEST_CASE("any garbage leaves the connection and the character as they were") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += "{\"a\":";
  for (const std::string& frame :
       {std::string("\0\0", 2), std::string(100000, '['), deep, std::string("{\"message_type\":\"chat_request\",}"),
        std::string(R"({"message_type":"\ud800"})"), std::string("\xEF\xBB\xBF{}x")})
    CHECK(text_of(client.answer_to(frame), "message_type") == "error_response");
  CHECK_FALSE(client.say("Hello").empty());
}

TEST_CASE("a text that is no UTF-8 closes the connection with 1007") {
  live_server server;
  character_client client(server.port());
  client.socket().send_raw(raw_frame(1, "{\"a\":\"\xFF\"}"));
  CHECK(client.socket().wait_close() == 1007);
}
