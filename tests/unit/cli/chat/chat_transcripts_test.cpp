#include "cli/chat/json_fields.hpp"
#include "cli/chat/transcripts.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace troupe::chat;
using troupe::test::temporary_folder;

namespace {

boost::json::object read(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return read_object(text.str()).value();
}

}  // namespace

TEST_CASE("a transcript's name has only letters, digits, - and _ in lower case") {
  CHECK(transcript_id("Ada.Lovelace-1_x") == "adalovelace-1_x");
  CHECK(transcript_id("../../etc") == "etc");
  CHECK(transcript_id("会話") == "anonymous");
}

TEST_CASE("a conversation goes on where it was, and the index knows it") {
  const temporary_folder folder;
  {
    auto first = transcripts::open(folder.path(), "Ada", "harbor-pilot");
    REQUIRE(first);
    CHECK(first->newest(5).empty());
    CHECK_FALSE(std::filesystem::exists(first->file()));  // nothing has been said
    REQUIRE(first->append("Hello", "Ahoy\n\"Ada\""));
  }
  auto again = transcripts::open(folder.path(), "ADA", "harbor-pilot");
  REQUIRE(again);
  REQUIRE(again->append("And?", "Well."));
  const auto newest = again->newest(3);
  REQUIRE(newest.size() == 3);
  CHECK(newest[0].role == "character");
  CHECK(newest[0].text == "Ahoy\n\"Ada\"");
  CHECK(newest[2].text == "Well.");

  const auto file = read(folder.file("ada-harbor-pilot.json"));
  for (const char* key : {"conversation_id", "user_id", "character_id", "created", "last_updated", "message_count",
                          "messages", "metadata"})
    CHECK(file.contains(key));
  CHECK(file.at("message_count").as_int64() == 4);
  const auto index = read(folder.file("conversation_index.json"));
  REQUIRE(index.size() == 1);
  CHECK(index.contains(file.at("conversation_id").as_string()));

  auto other = transcripts::open(folder.path(), "bo", "harbor-pilot");
  REQUIRE(other->append("Hi", "Ahoy"));
  REQUIRE(other->conversations().size() == 1);  // only one's own
  CHECK(other->conversations()[0].messages == 2);
}

TEST_CASE("a file that is no transcript is left as it is") {
  const temporary_folder folder;
  std::ofstream(folder.file("ada-pilot.json")) << "precious";
  CHECK_FALSE(transcripts::open(folder.path(), "ada", "pilot"));
  std::ifstream in(folder.file("ada-pilot.json"));
  std::string text;
  in >> text;
  CHECK(text == "precious");
}
