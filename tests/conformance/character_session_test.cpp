/// contracts/character.md §2.5, §5, §10: what clients of the character server do
/// all day, with the real program.

#include "support/catch.hpp"
#include "support/character_client.hpp"
#include "support/live_server.hpp"

#include <set>

using namespace troupe::test;

namespace {

std::size_t history_length(character_client& client) {
  return client.status(true).at("conversation_history").as_array().size();
}

}  // namespace

TEST_CASE("the contract's acceptance sequence, with m-playful preloaded") {
  character_files files;
  live_server server(files.settings({{"CHARACTER", "m-playful"}}));
  character_client client(server.port(), "/");
  CHECK(client.get("ping").contains("server_time"));
  const auto init = client.init("m-playful");
  CHECK(text_of(init, "character_name") == "Mirko");
  CHECK(init.at("error").is_null());
  const auto chat = client.get("chat", {{"user_message", "Hello, how are you?"}, {"context", {{"debug_mode", false}}}});
  CHECK_FALSE(text_of(chat, "response_text").empty());
  const auto status = client.status();
  CHECK_FALSE(at_path(status, "vitals.neurochemical_state").as_object().empty());
  const auto saved = client.get("save", {{"filename", "acceptance"}});
  CHECK(text_of(saved, "filename").ends_with("/acceptance.json"));
  CHECK(std::filesystem::exists(text_of(saved, "filename")));
  CHECK(text_of(client.get("load", {{"filename", "acceptance.json"}}).at("character_info").as_object(), "character_id")
        == "m-playful");
}

TEST_CASE("every reply has the fields of the contract") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  CHECK(fields_of(client.init("harbor-pilot"))
        == "character_info character_name error message_id message_type success timestamp");
  const auto chat = client.get("chat", {{"user_message", "How do you read the tide?"}});
  CHECK(fields_of(chat)
        == "character_insights character_state_summary cognitive_summary error generation_info message_id message_type "
           "orchestration_summary performance_info response_metadata response_text success timestamp");
  CHECK(at_path(chat, "response_metadata.character_id") == "harbor-pilot");
  CHECK(at_path(chat, "character_state_summary.interaction_count") == 1);
  const auto all =
      client.get("status", {{"include_vitals", true}, {"include_history", "yes"}, {"include_performance", 1}});
  CHECK(fields_of(all)
        == "character_summary conversation_history error message_id message_type performance_stats success timestamp "
           "vitals");
  CHECK(at_path(all, "character_summary.character_info.archetype") == "steady_guide");
  CHECK(at_path(all, "vitals.agent_states.mood").is_object());
  CHECK(at_path(all, "vitals.relationship_state.rapport_level").is_number());
  CHECK(all.at("conversation_history").as_array().size() == 2);
  CHECK(at_path(all, "performance_stats.performance_stats.total_responses") == 1);
  const auto bare = client.get("status", {{"include_vitals", false}});
  CHECK(bare.at("vitals").is_null());
  CHECK(bare.at("conversation_history").is_null());
  CHECK(bare.at("performance_stats").is_null());
  CHECK(bare.at("character_summary").is_object());
  CHECK(fields_of(client.get("save")) == "error filename message_id message_type success timestamp");
  CHECK(fields_of(client.get("reset")) == "character_info error message_id message_type success timestamp");
  CHECK(fields_of(client.get("memory_search", {{"query", "tide"}}))
        == "count error memories message_id message_type success timestamp");
  CHECK(fields_of(client.get("ping")) == "message_id message_type server_time success timestamp");
}

TEST_CASE("two clients share one character, one leaves and the other goes on") {
  character_files files;
  live_server server(files.settings());
  character_client stays(server.port());
  stays.init("harbor-pilot");
  stays.say("I love the harbor, thank you!");
  const auto levels = at_path(stays.status(), "vitals.neurochemical_state");
  {
    character_client joins(server.port());
    joins.init("harbor-pilot");
    CHECK(at_path(joins.status(), "vitals.neurochemical_state") == levels);
    CHECK(history_length(joins) == 2);
    joins.say("Who was here before me?");
    CHECK(history_length(stays) == 4);
    CHECK(at_path(stays.status(), "character_summary.interaction_count") == 2);
    joins.socket().drop();
  }
  stays.say("Still here?");
  CHECK(history_length(stays) == 6);
}

TEST_CASE("a second init attaches instead of wiping, and another character does not disturb the first") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port()), other(server.port());
  client.init("harbor-pilot");
  client.say("Hello");
  client.init("harbor-pilot");
  CHECK(history_length(client) == 2);
  other.init("m-playful");
  CHECK(history_length(other) == 0);
  other.say("Hi");
  CHECK(history_length(client) == 2);
  client.init("m-playful");
  CHECK(history_length(client) == 2);
  client.init("harbor-pilot");
  CHECK(at_path(client.status(true), "character_summary.interaction_count") == 1);
}

TEST_CASE("after kill -9 both clients find the character as it was") {
  character_files files;
  live_server server(files.settings());
  json::object before;
  {
    character_client one(server.port()), two(server.port());
    one.init("harbor-pilot");
    two.init("harbor-pilot");
    one.say("What a wonderful day, I am so happy!");
    two.say("Thank you for your help, my friend.");
    before = two.status(true);
    server.crash();
  }
  server.start();
  character_client one(server.port()), two(server.port());
  one.init("harbor-pilot");
  two.init("harbor-pilot");
  for (auto* each : {&one, &two}) {
    const auto now = each->status(true);
    CHECK(now.at("conversation_history") == before.at("conversation_history"));
    CHECK(at_path(now, "vitals.neurochemical_state") == at_path(before, "vitals.neurochemical_state"));
    CHECK(at_path(now, "vitals.mood_state") == at_path(before, "vitals.mood_state"));
    CHECK(at_path(now, "vitals.relationship_state") == at_path(before, "vitals.relationship_state"));
    CHECK(at_path(now, "character_summary.interaction_count") == 2);
  }
  one.say("I am back.");
  CHECK(history_length(two) == 6);
}

TEST_CASE("what was said is found again, best first and at most as many as asked for") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  client.say("How do you read the tide by the kelp?");
  client.say("Why do you love pancakes with syrup?");
  client.say("How old is the lighthouse?");
  const auto found = client.get("memory_search", {{"query", "kelp and tides"}, {"limit", 2}});
  const auto& memories = found.at("memories").as_array();
  REQUIRE(memories.size() >= 1);
  CHECK(memories.size() <= 2);
  CHECK(found.at("count") == static_cast<std::int64_t>(memories.size()));
  const auto& first = memories.front().as_object();
  CHECK(text_of(first, "description").find("kelp") != std::string::npos);
  CHECK(text_of(first, "experience_id").starts_with("exp_"));
  for (const char* name : {"timestamp", "emotional_state", "similarity", "metadata"}) CHECK(first.contains(name));
  for (const int limit : {0, -3})
    CHECK(client.get("memory_search", {{"query", "kelp"}, {"limit", limit}}).at("memories").as_array().empty());
  CHECK(client.get("memory_search", {{"query", ""}, {"limit", 2}}).at("count") == 2);
}

TEST_CASE("reset keeps the memories or forgets them") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  client.say("How do you read the tide by the kelp?");
  CHECK(text_of(client.get("reset", {{"preserve_memories", true}}).at("character_info").as_object(), "name")
        == "Ines Calloway");
  CHECK(history_length(client) == 2);
  CHECK(at_path(client.status(), "vitals.neurochemical_state.dopamine") == 57.0);
  client.get("reset", {{"preserve_memories", "no"}});
  CHECK(history_length(client) == 0);
  CHECK(at_path(client.status(), "character_summary.interaction_count") == 0);
}

TEST_CASE("what was saved can be loaded later, by another client and without init") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  client.say("Hello");
  CHECK(text_of(client.get("save"), "filename").ends_with("/harbor-pilot_server_save.json"));
  client.get("save", {{"filename", "one"}});
  client.say("More");
  client.say("And more");
  CHECK(history_length(client) == 6);
  character_client other(server.port());
  const auto loaded = other.get("load", {{"filename", "one"}});
  CHECK(text_of(loaded.at("character_info").as_object(), "character_id") == "harbor-pilot");
  CHECK(history_length(other) == 2);
  CHECK(history_length(client) == 2);
}

TEST_CASE("load moves to the character whose file it is") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  client.say("Hello");
  client.get("save", {{"filename", "pilot"}});
  client.init("m-playful");
  CHECK(history_length(client) == 0);
  client.get("load", {{"filename", "pilot"}});
  CHECK(at_path(client.status(), "character_summary.character_info.character_id") == "harbor-pilot");
  CHECK(history_length(client) == 2);
}

TEST_CASE("a character_config makes a character of one's own") {
  character_files files;
  live_server server(files.settings());
  character_client shared(server.port()), own(server.port());
  shared.init("harbor-pilot");
  shared.say("Hello");
  const auto mine = own.get("init", {{"character_id", "harbor-pilot"},
                                     {"character_config", {{"name", "Nobody's Ines"}, {"archetype", "double"}}}});
  CHECK(text_of(mine, "character_name") == "Nobody's Ines");
  CHECK(at_path(mine, "character_info.character_id") == "harbor-pilot");
  CHECK(history_length(own) == 0);
  own.say("Who are you?");
  CHECK(history_length(shared) == 2);
  CHECK(text_of(shared.init("harbor-pilot"), "character_name") == "Ines Calloway");
  own.init("harbor-pilot");
  CHECK(history_length(own) == 2);
}

TEST_CASE("a changed file is taken over at the next init, and a broken one is refused without harm") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  client.say("Hello");
  files.put("harbor-pilot", character_files::pilot("Ines Marlow"));
  CHECK(text_of(client.init("harbor-pilot"), "character_name") == "Ines Marlow");
  CHECK(history_length(client) == 2);
  files.put("harbor-pilot", "name: X\n");
  const auto refused = client.ask("init", {{"character_id", "harbor-pilot"}});
  CHECK(refused.at("success") == false);
  CHECK(text_of(refused, "error").find("archetype") != std::string::npos);
  CHECK(history_length(client) == 2);
}

TEST_CASE("fifty requests at once are answered in their order") {
  character_files files;
  live_server server(files.settings());
  character_client client(server.port());
  client.init("harbor-pilot");
  const std::vector<std::pair<std::string, json::object>> kinds = {
      {"chat", {{"user_message", "Hello"}}}, {"ping", {}}, {"status", {}}, {"memory_search", {{"query", "hello"}}},
      {"save", {{"filename", "order"}}},
  };
  std::vector<std::pair<std::string, std::string>> sent;
  for (int i = 0; i < 50; ++i) {
    auto& [type, fields] = kinds[static_cast<std::size_t>(i) % kinds.size()];
    sent.emplace_back(type + "_response", client.send(type, fields));
  }
  for (auto& [type, id] : sent) {
    const auto frame = client.reply_to(id);
    CHECK(text_of(frame, "message_type") == type);
    CHECK(frame.at("success") == true);
  }
}
