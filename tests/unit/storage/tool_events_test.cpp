#include "storage/tool_events.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::storage;

namespace {

tool_call call(std::string id, std::string arguments = R"({"of":"tea"})", std::string name = "look_up") {
  return {std::move(id), std::move(name), std::move(arguments), {}};
}
tool_result result(std::string id, std::string content, bool is_error = false, std::string name = "look_up") {
  return {std::move(id), std::move(name), std::move(content), is_error};
}

/// What a session tells that lives on, and one that reads its events back.
std::pair<std::string, std::string> both_notes(const std::vector<tool_call>& calls,
                                               const std::vector<tool_result>& results) {
  turn_tools live, read;
  for (auto& each : calls) {
    live.begun(each);
    read.take({1, 7, event_kind::tool_begun, 0, encode_tool_begun(each)});
  }
  for (auto& each : results) {
    live.finished(each);
    read.take({2, 7, event_kind::tool_finished, 0, encode_tool_finished(each)});
  }
  return {live.note(), read.note()};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a note tells of each call what it answered, that it failed, or that nobody knows") {
  const auto [live, read] = both_notes({call("a"), call("b", R"({"of":"ale"})"), call("c", "{}", "pay")},
                                       {result("b", "no such drink", true), result("a", "a \"drink\"")});
  CHECK(live
        == "[This answer was cut off. Tools called in it:\n"
           "- look_up({\"of\":\"tea\"}): finished: a \"drink\"\n"
           "- look_up({\"of\":\"ale\"}): failed: no such drink\n"
           "- pay({}): outcome unknown, it may have happened\n"
           "None of them was called again.]");
  CHECK(read == live);
  CHECK(turn_tools().note().empty());
}

TEST_CASE("a result is that of one call, also when an id is used again") {
  const auto [live, read] = both_notes({call("a"), call("a")}, {result("a", "a drink")});
  CHECK(count(live, "finished: a drink") == 1);
  CHECK(count(live, "outcome unknown") == 1);
  CHECK(read == live);
}

TEST_CASE("a note is bounded, cut between characters, and still tells of every call") {
  std::string huge;
  while (huge.size() < 60'000) huge += "ä€";
  std::vector<tool_call> calls;
  std::vector<tool_result> results;
  for (int i = 0; i < 100; ++i) {
    calls.push_back(call(std::to_string(i), "{\"of\":\"" + huge + "\"}"));
    results.push_back(result(std::to_string(i), huge));
  }
  const auto [live, read] = both_notes(calls, results);
  CHECK(live.size() < turn_tools::note_bytes + 100 * (turn_tools::kept_arguments + 128) + turn_tools::kept_result);
  CHECK(count(live, "look_up(") == 100);
  CHECK(count(live, "): finished") == 100);
  CHECK(live.find("of 60000 bytes]") != std::string::npos);
  CHECK(read == live);
  // Every lead byte is followed by all of its character.
  for (std::size_t i = 0; i < live.size(); ++i) {
    const auto lead = static_cast<unsigned char>(live[i]);
    for (std::size_t more = lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0; more > 0; --more)
      REQUIRE((static_cast<unsigned char>(live.at(++i)) & 0xc0) == 0x80);
  }
}

TEST_CASE("an event that does not parse counts as a call without a name") {
  turn_tools tools;
  tools.take({1, 7, event_kind::tool_begun, 0, "{\"id\":"});
  CHECK(tools.note().find("- (): outcome unknown") != std::string::npos);
}
