// The oracle itself: it accepts a sound log and finds each way to spoil one.

#include "client_book.hpp"
#include "support/catch.hpp"

namespace troupe::crash {
namespace {

/// Two turns, of which the first was acknowledged; the second was cut off.
struct sample {
  std::vector<event> log{
      {1, "opened", "", 10, ""},
      {2, "user", "a1", 11, "Explain mk01000001"},
      {3, "reply", "a1", 12, "It is a word."},
      {4, "user", "a2", 13, "Explain mk01000002"},
      {5, "interrupted", "a2", 14, ""},
  };
  conversation known{"c0ffee"};

  sample() {
    known.told["a1"] = {"mk01000001", false, 2, "It is a word.", 3, true, "It is a word."};
    known.told["a2"] = {"mk01000002", false, 4, "It", 0, false, ""};
  }
  problems check() {
    problems found;
    known.take(0, log, "", true, found);
    return found;
  }
};

TEST_CASE("a sound log has no problems, also when it is read again and has grown") {
  sample given;
  CHECK(given.check().empty());
  given.log.push_back({6, "user", "a3", 20, "mk01000003"});
  given.log.push_back({7, "reply", "a3", 21, "Yes."});
  CHECK(given.check().empty());
}

TEST_CASE("every way to spoil a log is found") {
  sample given;
  auto& log = given.log;
  SECTION("an acknowledged reply is lost with its turn") {
    log.resize(1);
  }
  SECTION("an acknowledged reply is lost alone") {
    log[2] = {3, "interrupted", "a1", 12, ""};
  }
  SECTION("an acknowledged reply has another text") {
    log[2].text = "It is no word.";
  }
  SECTION("a number is missing") {
    log[4].number = 6;
  }
  SECTION("a number is given twice") {
    log[4].number = 4;
  }
  SECTION("a turn occurs twice") {
    log.insert(log.end(), {{6, "user", "a1", 15, "mk01000009"}, {7, "interrupted", "a1", 15, ""}});
  }
  SECTION("a request occurs twice") {
    log.insert(log.end(), {{6, "user", "a9", 15, "mk01000001"}, {7, "interrupted", "a9", 15, ""}});
  }
  SECTION("a turn stays open") {
    log.pop_back();
  }
  SECTION("a turn ends twice") {
    log.push_back({6, "interrupted", "a2", 15, ""});
  }
  SECTION("it is opened twice") {
    log[3] = {4, "opened", "", 13, ""};
  }
  SECTION("it is not opened") {
    log[0].kind = "user";
  }
  SECTION("a reply does not begin with what was streamed") {
    log[4] = {5, "reply", "a2", 14, "A word."};
  }
  SECTION("a turn is cancelled that nobody stopped") {
    log[4] = {5, "cancelled", "a2", 14, "It"};
  }
  SECTION("a turn is interrupted amid others") {
    log.insert(log.end(), {{6, "user", "a3", 15, "mk01000003"}, {7, "reply", "a3", 16, ""}});
  }
  SECTION("an event is there that nobody asked for") {
    log.insert(log.end(), {{6, "user", "a3", 15, "something"}, {7, "reply", "a3", 16, ""}});
  }
  CHECK_FALSE(given.check().empty());
}

TEST_CASE("an event that changes after it was read is found") {
  sample given;
  REQUIRE(given.check().empty());
  given.log[4].at = 15;
  CHECK_FALSE(given.check().empty());
}

TEST_CASE("memory must hold the facts of answered turns, each once, and no other") {
  sample given;
  REQUIRE(given.check().empty());
  client_book book(1, "default", "");
  book.conversations.push_back(std::make_unique<conversation>(given.known));
  book.facts = {{"My cat is called Bako.", "mk01000001"},
                {"My dog is called Limu.", "mk01000002"},
                {"My fox is called Nera.", "mk01000003"}};
  auto sound = [&](const std::vector<memory_entry>& entries) {
    problems found;
    book.check_memory(entries, found);
    return found.empty();
  };
  const memory_entry answered{"My cat is called Bako.", 0.5}, cut_off{"My dog is called Limu.", 0.5},
      unknown{"My fox is called Nera.", 0.5};
  CHECK(sound({answered}));
  CHECK(sound({answered, unknown}));
  CHECK_FALSE(sound({}));
  CHECK_FALSE(sound({answered, answered}));
  CHECK_FALSE(sound({answered, cut_off}));
  CHECK_FALSE(sound({answered, {"My cow is called Sova.", 0.5}}));
  CHECK_FALSE(sound({{"My cat is called Bako.", 0.55}}));
}

}  // namespace
}  // namespace troupe::crash
