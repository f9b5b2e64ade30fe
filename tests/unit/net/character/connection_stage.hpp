#pragma once

/// \file
/// A character client's connection with a scripted keeper, library and
/// character around it.

#include "net/dialects/character/character_connection.hpp"
#include "net/json.hpp"
#include "support/catch.hpp"
#include "support/recording_transport.hpp"
#include "support/test_node.hpp"

namespace troupe::character_dialect::test {

inline std::string field(const std::string& frame, std::string_view name) {
  auto root = net::parse_json(frame);
  simdjson::dom::element value;
  if (!root || (*root)[name].get(value) != simdjson::SUCCESS) return "missing";
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string(simdjson::minify(value));
}

/// "TYPE ID CODE", the code of a success is "ok".
inline std::string gist(const std::string& frame) {
  const auto success = field(frame, "success");
  const auto code = success == "true" ? "ok" : field(frame, "error_code");
  return field(frame, "message_type") + " " + field(frame, "message_id") + " " + code;
}

inline std::string ask(const std::string& type, const std::string& id, const std::string& more = "") {
  return R"({"message_type":")" + type + R"(_request","message_id":")" + id + '"' + more + "}";
}
inline std::string chat(const std::string& id) {
  return ask("chat", id, R"(,"user_message":"Hello")");
}
inline std::string init(const std::string& id, const std::string& who) {
  return ask("init", id, R"(,"character_id":")" + who + '"');
}

struct stage {
  test_node node;
  recorder pilot = node.record();
  recorder keeper = node.record();
  recorder library = node.record();
  std::shared_ptr<recording_transport> out = std::make_shared<recording_transport>();
  caf::actor client;

  explicit stage(const std::string& character = "") {
    keeper.on<keeper_open>([this](const keeper_open& x) { return keeper_opened{x.id, pilot.handle()}; });
    attaches(pilot);
    answers(pilot);
    connection_deps deps;
    deps.client_id = "client-1";
    deps.principal = "local";
    deps.node = &node.services();
    deps.out = out;
    deps.characters = keeper.handle();
    deps.library = library.as<library_actor>();
    deps.character = character;
    deps.max_refused = 10;
    client = spawn<connection_role>(node.services(), {.label = "client-1"}, deps);
    node.run();
  }

  static void attaches(recorder& who) {
    who.on<character_attach>([](const character_attach&) {
      return character_attached{"Ines", R"({"character_id":"pilot"})"};
    });
  }
  /// Everything but chats, at once.
  static void answers(recorder& who) {
    who.on<character_status>([](const character_status&) { return character_answer{R"({"character_summary":{}})"}; });
    who.on<character_save>([](const character_save&) { return character_answer{R"({"filename":"s"})"}; });
    who.on<character_restore>([](const character_restore&) { return character_answer{R"({"character_info":{}})"}; });
    who.on<character_reset>([](const character_reset&) { return character_answer{R"({"character_info":{}})"}; });
    who.on<character_search>([](const character_search&) { return character_answer{R"({"memories":[],"count":0})"}; });
  }

  void frame(const std::string& text) {
    node.send(client, frame_received{shared_bytes(text)});
    node.run();
  }
  std::vector<std::string> gists() {
    std::vector<std::string> all;
    for (auto& each : out->take()) all.push_back(gist(each));
    return all;
  }
  void reply(const std::string& text = "Hi") {
    REQUIRE(pilot.answer_first<character_say>(character_answer{R"({"response_text":")" + text + "\"}"}));
    node.run();
  }
  void fail_chat(failure_kind kind) {
    REQUIRE(pilot.answer_first<character_say>(to_error({kind, "why"})));
    node.run();
  }
};

using lines = std::vector<std::string>;

}  // namespace troupe::character_dialect::test
