#include "storage/database.hpp"
#include "files.hpp"
#include "storage/key_codec.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <rocksdb/env.h>

#include <sys/wait.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

std::vector<std::string> keys_of(const database& store, column where, std::string_view from, std::string_view to) {
  std::vector<std::string> keys;
  REQUIRE(store
              .for_each(where, from, to,
                        [&](auto key, auto) {
                          keys.emplace_back(key);
                          return true;
                        })
              .has_value());
  return keys;
}

}  // namespace

TEST_CASE("what was written is read back, also after a reopen") {
  const temporary_folder folder;
  {
    auto store = database::open({.path = folder.file("store")}).value();
    const write_op ops[] = {put(column::events, "a", "1"), put(column::events, "b", "2"),
                            put(column::memories, "a", "3")};
    REQUIRE(store->write(ops, true).has_value());
  }
  auto store = database::open({.path = folder.file("store"), .create = false}).value();
  CHECK(store->get(column::events, "a").value() == "1");
  CHECK(store->get(column::memories, "a").value() == "3");
  CHECK_FALSE(store->get(column::memories, "b").value().has_value());
  CHECK(store->schema_version() == current_schema);
}

TEST_CASE("a store lives in memory as well") {
  const std::unique_ptr<rocksdb::Env> memory(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  {
    auto store = database::open({.path = "/store", .env = memory.get()}).value();
    const write_op op = put(column::tokens, "k", "v");
    REQUIRE(store->write({&op, 1}, true).has_value());
  }
  auto store = database::open({.path = "/store", .env = memory.get(), .create = false}).value();
  CHECK(store->get(column::tokens, "k").value() == "v");
}

TEST_CASE("keys are visited in order within a range, and last finds the end of a prefix") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  std::vector<write_op> ops;
  for (const char* key : {"b1", "a2", "a1", "a3", "c1"}) ops.push_back(put(column::events, key, key));
  REQUIRE(store->write(ops, false).has_value());
  CHECK(keys_of(*store, column::events, "a2", "c1") == std::vector<std::string>{"a2", "a3", "b1"});
  CHECK(keys_of(*store, column::events, "b", "") == std::vector<std::string>{"b1", "c1"});
  CHECK(store->last(column::events, "a").value()->key == "a3");
  CHECK(store->last(column::events, "").value()->key == "c1");
  CHECK_FALSE(store->last(column::events, "x").value().has_value());
  int seen = 0;
  REQUIRE(store->for_each(column::events, "a", [&](auto, auto) { return ++seen < 2; }).has_value());
  CHECK(seen == 2);
}

TEST_CASE("group commit applies all groups in their order in one batch") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  const std::vector<write_op> first{put(column::events, "k", "1"), put(column::events, "gone", "x")};
  const std::vector<write_op> second{put(column::events, "k", "2"), {write_kind::erase, column::events, "gone", {}}};
  const std::vector<write_op> third{put(column::events, "r1", "x"),
                                    put(column::events, "r2", "x"),
                                    {write_kind::erase_range, column::events, "r1", "r2"}};
  const std::span<const write_op> groups[] = {first, second, {}, third};
  REQUIRE(store->write_many(groups, true).has_value());
  CHECK(store->get(column::events, "k").value() == "2");
  CHECK_FALSE(store->get(column::events, "gone").value().has_value());
  CHECK_FALSE(store->get(column::events, "r1").value().has_value());
  CHECK(store->get(column::events, "r2").value() == "x");
}

TEST_CASE("a store that is not there is not made unless asked") {
  const temporary_folder folder;
  const auto opened = database::open({.path = folder.file("none"), .create = false});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == failure_kind::not_found);
  CHECK_FALSE(std::filesystem::exists(folder.file("none")));
}

TEST_CASE("a second opener in the same process is refused with what to do") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  for (const bool only_check : {false, true}) {
    const auto second = database::open({.path = folder.file("store"), .read_only_check = only_check});
    REQUIRE_FALSE(second.has_value());
    CHECK(second.error().kind == failure_kind::busy);
    CHECK(second.error().message.find("data directory " + folder.file("store") + " is in use by another troupe process")
          != std::string::npos);
    CHECK(second.error().message.find("stop that one") != std::string::npos);
  }
}

TEST_CASE("a second opener in another process is refused", FORK_TAG) {
  const temporary_folder folder;
  int ready[2];
  int done[2];
  REQUIRE(pipe(ready) == 0);
  REQUIRE(pipe(done) == 0);
  const auto child = fork();
  if (child == 0) {
    auto store = database::open({.path = folder.file("store")});
    char byte = store ? '+' : '-';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    close(done[1]);
    if (read(done[0], &byte, 1) < 0) _exit(1);
    _exit(0);
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  REQUIRE(byte == '+');
  const auto second = database::open({.path = folder.file("store")});
  close(done[0]);
  close(done[1]);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().kind == failure_kind::busy);
  CHECK(database::open({.path = folder.file("store")}).has_value());
}

TEST_CASE("a newer schema is refused and left as it is") {
  const temporary_folder folder;
  { REQUIRE(database::open({.path = folder.file("store"), .schema = {.version = 2, .migrations = {}}}).has_value()); }
  const auto older_program = database::open({.path = folder.file("store")});
  REQUIRE_FALSE(older_program.has_value());
  CHECK(older_program.error().kind == failure_kind::incompatible);
  CHECK(older_program.error().message.find("newer troupe") != std::string::npos);
  CHECK(database::open({.path = folder.file("store"), .schema = {.version = 2, .migrations = {}}}).has_value());
}

TEST_CASE("an older schema is migrated step by step") {
  const temporary_folder folder;
  {
    auto store = database::open({.path = folder.file("store")}).value();
    const write_op op = put(column::events, "k", "one");
    REQUIRE(store->write({&op, 1}, true).has_value());
  }
  const auto append = [](std::uint32_t from, const std::string& text) {
    return migration{from, [text](const database& store) -> expected<std::vector<write_op>> {
                       const auto value = store.get(column::events, "k");
                       if (!value) return value.error();
                       return std::vector{put(column::events, "k", **value + text)};
                     }};
  };
  schema third{.version = 3, .migrations = {append(2, ", three"), append(1, ", two")}};
  {
    const auto check = database::open({.path = folder.file("store"), .read_only_check = true, .schema = third});
    REQUIRE_FALSE(check.has_value());
    CHECK(check.error().kind == failure_kind::incompatible);
  }
  {
    auto store = database::open({.path = folder.file("store"), .schema = third}).value();
    CHECK(store->get(column::events, "k").value() == "one, two, three");
    CHECK(store->schema_version() == 3);
  }
  auto store = database::open({.path = folder.file("store"), .schema = third}).value();
  CHECK(store->get(column::events, "k").value() == "one, two, three");
}

TEST_CASE("a step that is missing or fails leaves the store at the version it has reached") {
  const temporary_folder folder;
  { REQUIRE(database::open({.path = folder.file("store")}).has_value()); }
  const migration fine{1, [](const database&) { return expected<std::vector<write_op>>(std::vector<write_op>{}); }};
  const migration failing{2, [](const database&) {
                            return expected<std::vector<write_op>>(failure{failure_kind::internal, "no"});
                          }};
  for (const auto& steps : {std::vector{fine}, std::vector{fine, failing}}) {
    const auto opened = database::open({.path = folder.file("store"), .schema = {.version = 3, .migrations = steps}});
    REQUIRE_FALSE(opened.has_value());
  }
  CHECK(database::open({.path = folder.file("store"), .schema = {.version = 2, .migrations = {}}}).has_value());
}

TEST_CASE("purging removes erased text from the files") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  auto store = database::open({.path = path}).value();
  const std::string secret = "q7Zx-erased-text-W2vK9";
  const write_op ops[] = {put(column::events, "s1", secret), put(column::events, "s2", "stays-Lm3Rt8")};
  REQUIRE(store->write(ops, true).has_value());
  CHECK(files_hold(path, secret));  // in the log
  const database::range other[] = {{column::events, "t", "u"}};
  REQUIRE(store->purge(other).has_value());
  CHECK(files_hold(path, secret));  // in a table now
  const bool by_range = GENERATE(true, false);
  const write_op erase = by_range ? write_op{write_kind::erase_range, column::events, "s1", "s2"}
                                  : write_op{write_kind::erase, column::events, "s1", {}};
  REQUIRE(store->write({&erase, 1}, true).has_value());
  CHECK(files_hold(path, secret));  // erased, but not gone: that is what purge is for
  const database::range range[] = {{column::events, "s1", "s2"}};
  REQUIRE(store->purge(range).has_value());
  CHECK_FALSE(files_hold(path, secret));
  CHECK(store->get(column::events, "s2").value() == "stays-Lm3Rt8");
  store.reset();
  CHECK_FALSE(files_hold(path, secret));
}
