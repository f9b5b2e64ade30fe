#include "storage/backup.hpp"
#include "files.hpp"
#include "storage/check.hpp"
#include "storage/key_codec.hpp"
#include "storage/memory_store.hpp"
#include "storage/session_log.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

std::unique_ptr<database> filled_store(const std::string& path) {
  auto store = database::open({.path = path}).value();
  std::vector<write_op> ops;
  put_snapshot(ops, {{"a", "luna", "anna", "", session_retention::resumable, 1}, 0, {}});
  append_event(ops, "a", {1, 0, event_kind::opened, 1, ""});
  append_event(ops, "a", {2, 5, event_kind::user, 1, "hello"});
  put_open_turn(ops, "a", 5, 2);
  memory_record record;
  record.id = 1;
  record.text = std::string(2000, 'm');
  put_record(ops, "anna", record);
  put_space(ops, {"anna", 2});
  REQUIRE(store->write(ops, true).has_value());
  return store;
}

void add_event(database& store, std::uint64_t number) {
  std::vector<write_op> ops;
  append_event(ops, "a", {number, 5, event_kind::reply, 1, "more"});
  REQUIRE(store.write(ops, true).has_value());
}

std::uint64_t last_number(const std::string& path) {
  auto store = database::open({.path = path, .create = false}).value();
  return load_session(*store, "a").value()->last_number;
}

}  // namespace

TEST_CASE("a running store is backed up, and any backup is restored onto a stopped one") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  const auto backups = folder.file("backups");
  auto store = filled_store(path);
  const auto first = backup(*store, backups).value();
  CHECK(first.id == 1);
  CHECK(first.bytes > 0);
  add_event(*store, 3);
  CHECK(backup(*store, backups).value().id == 2);
  add_event(*store, 4);
  CHECK(list_backups(backups).value().size() == 2);

  const auto in_use = restore({.folder = backups, .path = path, .id = {}, .force = true});
  REQUIRE_FALSE(in_use.has_value());
  CHECK(in_use.error().kind == failure_kind::busy);
  store.reset();

  const auto occupied = restore({.folder = backups, .path = path, .id = {}});
  REQUIRE_FALSE(occupied.has_value());
  CHECK(occupied.error().kind == failure_kind::exists);
  CHECK(last_number(path) == 4);

  CHECK(restore({.folder = backups, .path = path, .id = {}, .force = true}).value().id == 2);
  CHECK(last_number(path) == 3);
  CHECK(restore({.folder = backups, .path = path + "/", .id = 1, .force = true}).value().id == 1);
  CHECK(last_number(path) == 2);
  CHECK(restore({.folder = backups, .path = folder.file("new"), .id = 1}).has_value());
  CHECK(check(folder.file("new")).value().sound());
  CHECK_FALSE(std::filesystem::exists(path + ".restoring"));
}

TEST_CASE("what is no backup is not restored, and the store stays") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  const auto backups = folder.file("backups");
  CHECK(restore({.folder = backups, .path = path, .id = {}}).error().kind == failure_kind::not_found);
  CHECK_FALSE(std::filesystem::exists(backups));
  auto store = filled_store(path);
  REQUIRE(backup(*store, backups).has_value());
  store.reset();
  CHECK(restore({.folder = backups, .path = path, .id = 7, .force = true}).error().kind == failure_kind::not_found);
  for (const auto& file : files_of(backups, ".sst")) {
    auto bytes = read_file(file);
    bytes[bytes.size() / 2] ^= 1;
    write_file(file, bytes);
  }
  const auto damaged = restore({.folder = backups, .path = path, .id = {}, .force = true});
  REQUIRE_FALSE(damaged.has_value());
  CHECK(damaged.error().kind == failure_kind::corrupt);
  CHECK(last_number(path) == 2);
}

TEST_CASE("check counts what a sound store holds, from its log as well as from its tables") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  auto store = filled_store(path);
  copy_store(path, folder.file("crashed"));
  CHECK(check(path).error().kind == failure_kind::busy);
  store.reset();
  CHECK(check(folder.file("none")).error().kind == failure_kind::not_found);
  const auto before = files_of(folder.file("crashed")).size();
  for (const auto& checked : {path, folder.file("crashed")}) {
    const auto report = check(checked).value();
    CAPTURE(report.problems);
    CHECK(report.sound());
    CHECK(report.sessions == 1);
    CHECK(report.events == 2);
    CHECK(report.open_turns == 1);
    CHECK(report.memories == 1);
    CHECK(report.spaces == 1);
  }
  CHECK(files_of(folder.file("crashed")).size() == before);
}

TEST_CASE("check finds a flipped bit anywhere in a table") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  filled_store(path)->purge({}).value();
  const auto tables = files_of(path, ".sst");
  REQUIRE(tables.size() >= 5);
  for (const auto& table : tables) {
    const auto whole = read_file(table);
    for (const std::size_t at : {std::size_t{3}, whole.size() / 2, whole.size() - 60}) {
      auto bytes = whole;
      bytes[at] ^= 4;
      write_file(table, bytes);
      const auto report = check(path);
      CAPTURE(table, at);
      REQUIRE(report.has_value());
      CHECK_FALSE(report->sound());
    }
    write_file(table, whole);
  }
  CHECK(check(path).value().sound());
}

TEST_CASE("check finds a damaged log") {
  const temporary_folder folder;
  auto store = filled_store(folder.file("store"));
  add_event(*store, 3);
  copy_store(folder.file("store"), folder.file("crashed"));
  auto bytes = read_file(log_of(folder.file("crashed")));
  bytes[60] ^= 1;
  write_file(log_of(folder.file("crashed")), bytes);
  CHECK_FALSE(check(folder.file("crashed")).value().sound());
}

TEST_CASE("check finds entries that contradict each other") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  const auto [what, ops] = GENERATE(table<std::string, std::vector<write_op>>({
      {"lacks event", {{write_kind::erase, column::events, event_key("a", 1), {}}}},
      {"without its event", {{write_kind::erase, column::events, event_key("a", 2), {}}}},
      {"no snapshot", {{write_kind::erase, column::sessions, make_key(std::string("a")), {}}}},
      {"is not its beginning", {put(column::open_turns, make_key(std::string("a"), 6u), encode_open_turn(2))}},
      {"damaged event", {put(column::events, event_key("a", 2), "junk")}},
      {"snapshot of another", {put(column::sessions, make_key(std::string("b")), encode_snapshot({}))}},
      {"memory 1 of space anna: damaged", {put(column::memories, make_key(std::string("anna"), 1u), "junk")}},
      {"give its id out again", {put(column::spaces, make_key(std::string("anna")), encode_space({"anna", 1}))}},
      {"key of events is malformed", {put(column::events, "junk", "")}},
      {"value of tokens", {put(column::tokens, make_key(std::string("t")), "junk")}},
      {"value of lessons", {put(column::lessons, make_key(std::string("s"), std::string("a"), 1u), "junk")}},
  }));
  auto store = filled_store(path);
  REQUIRE(store->write(ops, true).has_value());
  store.reset();
  const auto report = check(path).value();
  CAPTURE(what, report.problems);
  bool found = false;
  for (const auto& problem : report.problems) found = found || problem.find(what) != std::string::npos;
  CHECK(found);
}
