#include "recorded_chat.hpp"

#include "cli/chat/json_fields.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace troupe;
using namespace troupe::test;
namespace json = boost::json;

namespace {

json::object status_answer() {
  const json::object info{{"character_id", "pilot"}, {"name", "Ines"}, {"archetype", "guide"}};
  return {{"message_type", "status_response"},
          {"success", true},
          {"character_summary", json::object{{"character_info", info}, {"interaction_count", 7}}},
          {"vitals", json::object{{"mood_state", json::object{{"current_state", "calm"}, {"intensity", 0.7}}},
                                  {"agent_states",
                                   json::object{{"goals", json::object{{"active_goals", json::array{"Rest"}}}}}}}},
          {"conversation_history", json::array{json::object{{"role", "user"}, {"message", "Ahoy"}}}}};
}

}  // namespace

TEST_CASE("a line is asked with the debug mode in its context, and the reply is shown") {
  recorded_chat chat;
  chat.session.line("   ");
  CHECK(chat.link.requests.empty());
  chat.session.line("  How are you?  ");
  REQUIRE(chat.link.requests.size() == 1);
  CHECK(chat.link.requests[0].fields.at("user_message").as_string() == "How are you?");
  CHECK(chat.link.requests[0].fields.at("context").as_object().at("debug_mode").as_bool() == false);
  CHECK(chat.display.waits);
  chat.reply("Fine.\x1b[31m And you?");
  CHECK(chat.display.lines == std::vector<std::string>{"You: How are you?", "Ines: Fine. And you?"});
  CHECK_FALSE(chat.session.waiting());
}

TEST_CASE("lines that come while a reply is awaited are asked one after another") {
  recorded_chat chat;
  chat.session.line("one");
  chat.session.line("two");
  CHECK(chat.link.requests.size() == 1);
  chat.reply("1");
  REQUIRE(chat.link.requests.size() == 1);
  CHECK(chat.link.requests[0].fields.at("user_message").as_string() == "two");
  chat.session.line("/help");  // concerns the display alone
  CHECK(chat.display.has("/autoscroll"));
}

TEST_CASE("a request that times out is an error that is shown, and the chat goes on") {
  recorded_chat chat;
  chat.session.line("one");
  chat.fail({failure_kind::timeout, "no answer within 30 s"});
  CHECK(chat.display.lines.back() == "no answer within 30 s");
  chat.session.line("two");
  CHECK(chat.link.requests.size() == 1);
}

TEST_CASE("what the server refuses is shown in its words") {
  recorded_chat chat;
  chat.session.line("one");
  chat.answer({{"message_type", "chat_response"}, {"success", false}, {"error", "No character loaded"}});
  CHECK(chat.display.lines.back() == "No character loaded");
  chat.session.line("/save x");
  chat.answer({{"message_type", "error_response"}, {"error", "Invalid\x1b]0;title\x07 field"}});
  CHECK(chat.display.lines.back() == "Invalid field");
}

TEST_CASE("commands ask for what they show") {
  recorded_chat chat;
  for (const std::string name : {"/vitals", "/mood", "/GOALS", "/status"}) {
    chat.session.line(name);
    REQUIRE(chat.link.requests.size() == 1);
    CHECK(chat.link.requests[0].type() == "status_request");
    chat.answer(status_answer());
  }
  CHECK(chat.display.has("calm"));
  CHECK(chat.display.has("Rest"));
  CHECK(chat.display.has("Trust"));
  chat.session.line("/memory kelp and tides");
  CHECK(chat.link.requests[0].fields.at("query").as_string() == "kelp and tides");
  CHECK(chat.link.requests[0].fields.at("limit").as_int64() == 5);
  const json::object memory{
      {"similarity", 0.71}, {"timestamp", "2031-04-02T09:16:04"}, {"description", std::string(300, 'k')}};
  chat.answer(
      {{"message_type", "memory_search_response"}, {"success", true}, {"memories", json::array{memory}}, {"count", 1}});
  CHECK(chat.display.has("0.710  2031-04-02T09:16:04"));
  CHECK(chat.display.has("  " + std::string(200, 'k') + "..."));
  CHECK_FALSE(chat.display.has(std::string(201, 'k')));
  chat.session.line("/memory");
  CHECK(chat.link.requests[0].fields.at("query").as_string() == "recent experiences");
}

TEST_CASE("save and load name files, and a loaded character is who it is from then on") {
  recorded_chat chat;
  chat.session.line("/save");
  CHECK(chat.link.requests[0].fields.at("filename").is_null());
  chat.answer({{"message_type", "save_response"}, {"success", true}, {"filename", "data/saves/pilot.json"}});
  CHECK(chat.display.lines.back() == "saved as data/saves/pilot.json");
  chat.session.line("/save evening");
  CHECK(chat.link.requests[0].fields.at("filename").as_string() == "evening.json");
  chat.answer({{"message_type", "save_response"}, {"success", true}, {"filename", "data/saves/evening.json"}});
  chat.session.line("/load");
  CHECK(chat.link.requests.empty());
  chat.session.line("/load evening");
  chat.answer({{"message_type", "load_response"},
               {"success", true},
               {"character_info", json::object{{"character_id", "cook"}, {"name", "Bo"}, {"archetype", "cook"}}}});
  chat.session.line("hello");
  chat.reply("Soup?");
  CHECK(chat.display.lines.back() == "Bo: Soup?");
}

TEST_CASE("reset, clear and exit ask first, and only yes is yes") {
  recorded_chat chat;
  chat.session.line("/reset");
  CHECK(chat.display.asked == "Begin anew?");
  chat.session.line("");
  CHECK(chat.link.requests.empty());
  chat.session.line("/reset");
  chat.session.line("y");
  REQUIRE(chat.link.requests.size() == 1);
  CHECK(chat.link.requests[0].fields.at("preserve_memories").as_bool());
  chat.answer({{"message_type", "reset_response"}, {"success", true}});
  chat.session.line("/exit");
  CHECK_FALSE(chat.session.ended());
  chat.session.line("no");
  chat.session.interrupted();
  CHECK_FALSE(chat.session.ended());
  chat.session.interrupted();  // asked a second time
  CHECK(chat.session.ended());
}

TEST_CASE("leaving a character of this program saves it, and the end of the input does not ask") {
  recorded_chat chat;
  chat.link.local = true;
  chat.session.line("hello");
  chat.session.end_of_input();
  CHECK(chat.link.requests.size() == 1);
  chat.reply("Ahoy");
  REQUIRE(chat.link.requests.size() == 1);
  CHECK(chat.link.requests[0].fields.at("filename").as_string() == "pilot_autosave.json");
  CHECK_FALSE(chat.session.ended());
  chat.answer({{"message_type", "save_response"}, {"success", true}, {"filename", "x"}});
  CHECK(chat.session.ended());
}

TEST_CASE("a reply under way is stopped when a character of this program is left at once") {
  recorded_chat chat;
  chat.link.local = true;
  chat.session.line("hello");
  chat.session.leave();
  REQUIRE(chat.link.requests.size() == 3);
  CHECK(chat.link.requests[1].type() == "stop_request");
  CHECK(chat.link.requests[2].type() == "save_request");
}

TEST_CASE("streaming that is turned on later is asked of the server then") {
  recorded_chat chat;
  chat.session.begin();
  CHECK(chat.link.requests.empty());
  chat.session.line("/stream on");
  REQUIRE(chat.link.requests.size() == 1);
  CHECK(chat.link.requests[0].type() == "subscribe_request");
  chat.answer({{"message_type", "error_response"}, {"error", "unknown"}});
  CHECK(chat.display.lines.back() == "this server sends replies whole");
}

TEST_CASE("an unknown command points to the help") {
  recorded_chat chat;
  chat.session.line("/dance now");
  CHECK(chat.display.lines.back() == "unknown command /dance; /help lists the commands");
  chat.session.line("/scroll up");
  CHECK(chat.display.lines.back() == "there are no panes here: this is the plain chat");
}

TEST_CASE("an export holds the contract's fields, and its name stays in its folder") {
  const temporary_folder folder;
  recorded_chat chat({.character_id = "pilot", .name = "Ines", .stream = false, .data = folder.path()});
  chat.session.line("/export ../elsewhere");
  CHECK(chat.link.requests.empty());
  chat.session.line("/export evening");
  CHECK(chat.link.requests[0].fields.at("include_history").as_bool());
  chat.answer(status_answer());
  std::ifstream in(folder.file("exports/evening.json"));
  std::ostringstream text;
  text << in.rdbuf();
  const auto file = chat::read_object(text.str());
  REQUIRE(file);
  for (const char* key : {"timestamp", "character_id", "character_name", "conversation_history", "neurochemical_levels",
                          "mood_state", "relationship_state"})
    CHECK(file->contains(key));
  CHECK(file->at("conversation_history").as_array().size() == 1);
}

TEST_CASE("pieces of a reply are shown as they come, and another client's turn, too") {
  recorded_chat chat({.character_id = "pilot", .name = "Ines"});
  chat.session.begin();
  REQUIRE(chat.link.requests[0].type() == "subscribe_request");
  chat.answer({{"message_type", "subscribe_response"}, {"success", true}});
  const auto event = [&](const char* kind, const char* turn, json::object data) {
    chat.session.event(
        {{"message_type", "character_event"}, {"event", kind}, {"turn_id", turn}, {"data", std::move(data)}});
  };
  chat.session.line("hello");
  event("turn_started", "t1", {{"user_message", "hello"}});
  event("reply_delta", "t1", {{"offset", 0}, {"text", "A"}});
  event("reply_delta", "t1", {{"offset", 1}, {"text", "hoy"}});
  event("reply_delta", "t1", {{"offset", 9}, {"text", "lost"}});
  CHECK(chat.display.drafts == std::vector<std::string>{"A", "Ahoy"});
  chat.reply("Ahoy!");
  event("turn_ended", "t1", {{"response_text", "Ahoy!"}});  // behind the reply, as our server sends it
  CHECK(chat.display.lines == std::vector<std::string>{"You: hello", "Ines: Ahoy!"});
  event("turn_started", "t2", {{"user_message", "who is there?"}});
  event("turn_ended", "t2", {{"response_text", "Two of you."}});
  CHECK(chat.display.lines.back() == "Ines: Two of you.");
  CHECK(chat.display.has("Somebody: who is there?"));
  // The event of one's own end may also come after the answer.
  chat.session.line("again");
  event("turn_started", "t3", {{"user_message", "again"}});
  chat.reply("Once more.");
  event("turn_ended", "t3", {{"response_text", "Once more."}});
  CHECK(std::ranges::count(chat.display.lines, "Ines: Once more.") == 1);
}

TEST_CASE("a server that knows no subscriptions is chatted with all the same") {
  recorded_chat chat({.character_id = "pilot", .name = "Ines"});
  chat.session.begin();
  chat.answer({{"message_type", "error_response"}, {"error", "Unknown message type"}});
  CHECK(chat.display.lines.empty());
  chat.session.line("hello");
  chat.reply("Ahoy");
  CHECK(chat.display.lines.back() == "Ines: Ahoy");
}
