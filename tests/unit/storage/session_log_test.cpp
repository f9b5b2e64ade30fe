#include "storage/session_log.hpp"
#include "files.hpp"
#include "storage/key_codec.hpp"
#include "storage/lesson_log.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

class session_store {
 public:
  session_store() : store_(database::open({.path = folder_.file("store")}).value()) {}
  database& operator*() { return *store_; }
  std::string path() const { return folder_.file("store"); }

  void write(const std::vector<write_op>& ops) { REQUIRE(store_->write(ops, true).has_value()); }

  /// Opened at `at`, then `turns` whole turns.
  void add(const std::string& id, std::uint64_t turns, session_retention retention = session_retention::resumable,
           std::int64_t at = 1000) {
    std::vector<write_op> ops;
    put_snapshot(ops, {{id, "luna", "anna", "Be kind.", retention, at}, 0, {}});
    std::uint64_t number = 0;
    append_event(ops, id, {++number, 0, event_kind::opened, at, ""});
    for (std::uint64_t turn = 1; turn <= turns; ++turn) {
      append_event(ops, id, {++number, turn, event_kind::user, at + 1, "question"});
      append_event(ops, id, {++number, turn, event_kind::reply, at + 2, "answer"});
    }
    write(ops);
  }

  void begin_turn(const std::string& id, std::uint64_t turn, std::uint64_t number) {
    std::vector<write_op> ops;
    append_event(ops, id, {number, turn, event_kind::user, 2000, "open question"});
    put_open_turn(ops, id, turn, number);
    write(ops);
  }

 private:
  temporary_folder folder_;
  std::unique_ptr<database> store_;
};

}  // namespace

TEST_CASE("a session is loaded as its snapshot and the events after it") {
  session_store store;
  store.add("a", 3);
  store.add("ab", 1);
  auto loaded = load_session(*store, "a").value().value();
  CHECK(loaded.events.size() == 7);
  CHECK(loaded.last_number == 7);
  CHECK(loaded.last_activity == 1002);
  CHECK(loaded.open_turns.empty());
  CHECK(loaded.snapshot.spec.system == "Be kind.");

  auto renewed = loaded.snapshot;
  renewed.last_number = 5;
  renewed.history = {{chat_role::user, "question"}, {chat_role::model, "answer"}};
  std::vector<write_op> ops;
  put_snapshot(ops, renewed);
  store.write(ops);
  loaded = load_session(*store, "a").value().value();
  CHECK(loaded.snapshot == renewed);
  REQUIRE(loaded.events.size() == 2);
  CHECK(loaded.events[0].number == 6);
  CHECK(loaded.last_number == 7);
}

TEST_CASE("a session that was never opened is none") {
  session_store store;
  CHECK_FALSE(load_session(*store, "nobody").value().has_value());
}

TEST_CASE("a client that resumes gets the events after the last it saw, from before the snapshot too") {
  session_store store;
  store.add("a", 3);
  std::vector<write_op> ops;
  auto snapshot = load_session(*store, "a").value()->snapshot;
  snapshot.last_number = 6;
  put_snapshot(ops, snapshot);
  store.write(ops);
  const auto events = events_after(*store, "a", 2).value();
  REQUIRE(events.size() == 5);
  CHECK(events.front().number == 3);
  CHECK(events.back().number == 7);
  CHECK(events_after(*store, "a", 7).value().empty());
  CHECK(events_after(*store, "a", UINT64_MAX).value().empty());
}

TEST_CASE("a gap in a session's numbers is reported as damage without its whole id") {
  session_store store;
  const std::string id = "0123456789abcdef0123456789abcdef";
  store.add(id, 3);
  const auto missing = GENERATE(1, 4, 7);
  store.write({{write_kind::erase, column::events, event_key(id, missing), {}}});
  if (missing == 7) {
    // The end cannot be missed from the events alone, but from a snapshot.
    auto snapshot = load_session(*store, id).value()->snapshot;
    snapshot.last_number = 7;
    std::vector<write_op> ops;
    put_snapshot(ops, snapshot);
    store.write(ops);
  }
  const auto loaded = load_session(*store, id);
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().kind == failure_kind::corrupt);
  CHECK(loaded.error().message.find("session 01234567") != std::string::npos);
  CHECK(loaded.error().message.find(id) == std::string::npos);
}

TEST_CASE("events without a snapshot and damaged values are reported as damage") {
  session_store store;
  store.add("a", 1);
  store.add("b", 1);
  store.add("c", 1);
  store.write({{write_kind::erase, column::sessions, make_key(std::string("a")), {}},
               put(column::sessions, make_key(std::string("b")), "junk"),
               put(column::events, event_key("c", 2), "junk")});
  for (const char* id : {"a", "b", "c"}) {
    const auto loaded = load_session(*store, id);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().kind == failure_kind::corrupt);
  }
}

TEST_CASE("turns that a crash left open end with a numbered interrupted event, once") {
  session_store store;
  store.add("a", 1);
  store.add("b", 0);
  store.add("c", 2);
  store.begin_turn("a", 900, 4);
  store.begin_turn("b", 901, 2);
  store.begin_turn("b", 7, 3);
  CHECK(load_session(*store, "b").value()->open_turns == std::vector<open_turn>{{901, 2}, {7, 3}});
  CHECK(recover_open_turns(*store, 5000).value() == 3);

  const auto a = load_session(*store, "a").value().value();
  CHECK(a.open_turns.empty());
  CHECK(a.events.back() == session_event{5, 900, event_kind::interrupted, 5000, ""});
  const auto b = load_session(*store, "b").value().value();
  CHECK(b.last_number == 5);
  CHECK(b.events[3].turn == 901);
  CHECK(b.events[4].turn == 7);
  CHECK(load_session(*store, "c").value()->last_number == 5);
  CHECK(recover_open_turns(*store, 6000).value() == 0);
}

TEST_CASE("more sessions than fit into one batch are all recovered") {
  session_store store;
  for (int i = 0; i < 300; ++i) {
    const auto id = "session" + std::to_string(i);
    std::vector<write_op> ops;
    put_snapshot(ops, {{id, "luna", "anna", "", session_retention::ephemeral, 1}, 0, {}});
    append_event(ops, id, {1, 5, event_kind::user, 1, "x"});
    put_open_turn(ops, id, 5, 1);
    REQUIRE((*store).write(ops, false).has_value());
  }
  CHECK(recover_open_turns(*store, 2).value() == 300);
  CHECK(expire_sessions(*store, 3, 1000).value() == 300);
  CHECK(list_sessions(*store).value().empty());
}

TEST_CASE("interrupting a loaded session's turns brings it up to date") {
  session_store store;
  store.add("a", 1);
  store.begin_turn("a", 900, 4);
  auto loaded = load_session(*store, "a").value().value();
  std::vector<write_op> ops;
  const auto added = interrupt_open_turns(ops, loaded, 5000);
  REQUIRE(added.size() == 1);
  store.write(ops);
  const auto again = load_session(*store, "a").value().value();
  CHECK(again.events == loaded.events);
  CHECK(again.last_number == loaded.last_number);
  CHECK(again.last_activity == 5000);
  CHECK(again.open_turns.empty());
}

TEST_CASE("an open turn without its session is reported as damage") {
  session_store store;
  std::vector<write_op> ops;
  put_open_turn(ops, "ghost", 1, 1);
  store.write(ops);
  const auto recovered = recover_open_turns(*store, 1);
  REQUIRE_FALSE(recovered.has_value());
  CHECK(recovered.error().kind == failure_kind::corrupt);
}

TEST_CASE("ephemeral sessions expire at start, resumable ones by their last activity") {
  session_store store;
  store.add("ephemeral", 1, session_retention::ephemeral, 10'000);
  store.add("old", 1, session_retention::resumable, 1'000);
  store.add("young", 1, session_retention::resumable, 10'000);
  store.add("woken", 1, session_retention::resumable, 1'000);
  std::vector<write_op> ops;
  append_event(ops, "woken", {4, 9, event_kind::user, 10'000, "back again"});
  store.write(ops);
  CHECK(expire_sessions(*store, 10'002, 1'000).value() == 2);
  std::vector<std::string> left;
  for (const auto& session : list_sessions(*store).value()) left.push_back(session.spec.id);
  CHECK(left == std::vector<std::string>{"woken", "young"});
  CHECK(events_after(*store, "old", 0).value().empty());
  CHECK(list_sessions(*store).value()[0].last_number == 4);
  CHECK(list_sessions(*store).value()[0].last_activity == 10'000);
}

TEST_CASE("deleting a session removes its text from the files and leaves its neighbours alone") {
  session_store store;
  store.add("a", 1);
  store.add("ab", 1);
  std::vector<write_op> ops;
  const std::string text = "Xy7-words-nobody-shall-find-9Qw";
  append_event(ops, "a", {4, 5, event_kind::user, 1, text});
  put_open_turn(ops, "a", 5, 4);
  store.write(ops);
  CHECK(files_hold(store.path(), text));
  ops.clear();
  erase_session(ops, "a");
  store.write(ops);
  REQUIRE((*store).purge(session_ranges("a")).has_value());
  CHECK_FALSE(files_hold(store.path(), text));
  CHECK_FALSE(load_session(*store, "a").value().has_value());
  CHECK(load_session(*store, "ab").value()->last_number == 3);
}

TEST_CASE("lessons wait for their space until they are learnt") {
  session_store store;
  std::vector<write_op> ops;
  put_lesson(ops, lesson_key("anna", "s2", 3), "later");
  put_lesson(ops, lesson_key("anna", "s1", 9), "second");
  put_lesson(ops, lesson_key("anna", "s1", 2), "first");
  put_lesson(ops, lesson_key("ann", "s1", 2), "of another");
  store.write(ops);
  auto lessons = lessons_of(*store, "anna").value();
  REQUIRE(lessons.size() == 3);
  CHECK(lessons[0].teaching == "first");
  CHECK(lessons[0].session == "s1");
  CHECK(lessons[0].number == 2);
  CHECK(lessons[0].space == "anna");
  CHECK(lessons[2].teaching == "later");
  CHECK(spaces_with_lessons(*store).value() == std::vector<std::string>{"ann", "anna"});
  ops.clear();
  erase_lesson(ops, lessons[0].key);
  store.write(ops);
  CHECK(lessons_of(*store, "anna").value().size() == 2);
  ops.clear();
  erase_lessons(ops, "anna");
  store.write(ops);
  CHECK(lessons_of(*store, "anna").value().empty());
  CHECK(lessons_of(*store, "ann").value().size() == 1);
}
