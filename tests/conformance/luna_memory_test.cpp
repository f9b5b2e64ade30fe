/// docs/luna.md, "What the agent remembers"; DESIGN sections 1 and 7: what the
/// user says is recalled in later conversations, in other words, and survives
/// a crash.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

struct fact {
  const char* told;
  const char* asked;
  const char* mark;
};

const fact facts[] = {
    {"My sister Ada lives in Oslo.", "Where does my sister live?", "Oslo"},
    {"My dog is called Rex.", "What is the name of my dog?", "Rex"},
    {"I work as a nurse at the city hospital.", "Which hospital do I work at?", "nurse"},
    {"I am allergic to peanuts.", "What food am I allergic to?", "peanuts"},
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string newer_text(std::string_view words) {
  return R"({"type":"text","payload":{"text":)" + quoted(words) + "}}";
}

}  // namespace

TEST_CASE("facts told are acknowledged and recalled in other words in the next conversation") {
  live_server server;
  {
    auto client = server.connect();
    for (auto& each : facts) CHECK(has(client.say(each.told), "Noted"));
  }
  for (auto& each : facts) {
    INFO(each.asked);
    CHECK(has(server.connect().say(each.asked), each.mark));
    CHECK(has(server.connect()
                  .request(text_action("chat", "The Alps are high.", ",\"additional_prompt\":" + quoted(each.asked)))
                  .text,
              each.mark));
  }
}

TEST_CASE("what is not kept is known in its conversation only") {
  live_server server;
  auto client = server.connect();
  client.say("The kettle boils.");
  CHECK(has(client.say("What does the kettle do?"), "kettle boils"));
  CHECK(!has(server.connect().say("What does the kettle do?"), "boils"));
}

// Only the offline agent is told what memory will keep; a model of a provider
// answers what it likes.
TEST_CASE("what is not kept is said to be kept for the conversation only", "[offline]") {
  live_server server;
  CHECK(has(server.connect().say("The kettle boils."), "For this conversation I keep in mind"));
}

TEST_CASE("facts survive a crash right after they were acknowledged") {
  live_server server;
  for (auto& each : facts) {
    server.connect().say(each.told);
    server.crash();
    server.start();
  }
  for (auto& each : facts) {
    INFO(each.asked);
    CHECK(has(server.connect().say(each.asked), each.mark));
  }
  const auto listed = server.command({"memory", "list", "--space", "default"});
  CHECK(listed.status == 0);
  CHECK(has(listed.out, "4 in all"));  // each once
}

TEST_CASE("a newer session teaches and recalls too") {
  live_server server;
  const std::string start = R"({"type":"start_text_session","payload":{"session_type":"chat",)"
                            R"("content":{"selected_text":"","user_query":"My sister Ada lives in Oslo."}}})";
  server.connect().request(start);
  auto client = server.connect();
  client.request(R"({"type":"start_text_session","payload":{"session_type":"chat",)"
                 R"("content":{"selected_text":"","user_query":"Hello"}}})");
  CHECK(has(client.request(newer_text("Where does my sister live?")).text, "Oslo"));
  client.request(newer_text("My dog is called Rex."));
  CHECK(has(server.connect().say("What is the name of my dog?"), "Rex"));
}

TEST_CASE("text to explain or rewrite is somebody's words and teaches nothing") {
  live_server server;
  auto client = server.connect();
  client.request(text_action("explain", "My sister Ada lives in Oslo."));
  client.request(text_action("rewrite", "My sister Ada lives in Oslo."));
  client.request(text_action("chat", "My sister Ada lives in Oslo.", R"(,"additional_prompt":"What is this?")"));
  CHECK(has(server.command({"memory", "list", "--space", "default"}).out, "0 in all"));
}

TEST_CASE("MEMORY_NAMESPACE names the space of clients without a token") {
  live_server server(settings_map{{"MEMORY_NAMESPACE", "family"}});
  server.connect().say("My sister Ada lives in Oslo.");
  CHECK(has(server.command({"memory", "list", "--space", "family"}).out, "My sister Ada lives in Oslo"));
  CHECK(has(server.command({"memory", "list", "--space", "default"}).out, "0 in all"));
}
