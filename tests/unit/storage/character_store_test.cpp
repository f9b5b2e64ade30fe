#include "storage/character_store.hpp"
#include "storage/check.hpp"
#include "storage/key_codec.hpp"
#include "storage/memory_store.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <rocksdb/db.h>

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

kept_character ines() {
  kept_character kept;
  kept.state = R"({"character_state":{"name":"Ines"}})";
  kept.digest = 0xfedcba9876543210u;
  kept.pending = {{"exp_000000000001", "She was asked about kelp.", 0.25f, {{"emotional_state", "calm"}}},
                  {"exp_000000000002", std::string("two\0parts", 9), 1.0f, {}}};
  kept.formed = {"exp_0", "exp_000000000001", "exp_000000000002"};
  kept.forgetting = {"exp_gone"};
  kept.last_us = 1'767'225'600'000'001;
  return kept;
}

std::size_t rows(const database& store, column where) {
  std::size_t count = 0;
  REQUIRE(store.for_each(where, "", [&](auto, auto) { return ++count > 0; }));
  return count;
}

/// Takes the column away, as in a store that an earlier version made.
void make_old(const std::string& path) {
  rocksdb::Options options;
  std::vector<std::string> names;
  REQUIRE(rocksdb::DB::ListColumnFamilies(options, path, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  for (auto& name : names) all.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open(options, path, all, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  for (auto* handle : handles) {
    if (handle->GetName() == "characters") REQUIRE(db->DropColumnFamily(handle).ok());
    REQUIRE(db->DestroyColumnFamilyHandle(handle).ok());
  }
}

}  // namespace

TEST_CASE("what a character has become comes back as it was put") {
  const temporary_folder folder;
  std::vector<write_op> ops;
  put_character(ops, "harbor-pilot", ines());
  put_character(ops, "m-playful", {});
  {
    auto store = database::open({.path = folder.file("store")}).value();
    REQUIRE(store->write(ops, true));
  }
  auto store = database::open({.path = folder.file("store")}).value();
  CHECK(load_character(*store, "harbor-pilot").value() == ines());
  CHECK(load_character(*store, "m-playful").value() == kept_character{});
  CHECK_FALSE(load_character(*store, "harbor").value().has_value());
  const auto listed = list_characters(*store).value();
  REQUIRE(listed.size() == 2);
  CHECK(listed[0].id == "harbor-pilot");
  CHECK(listed[0].digest == ines().digest);
  CHECK(listed[0].pending == 2);
  CHECK(listed[1].id == "m-playful");
  ops.clear();
  erase_character(ops, "harbor-pilot");
  REQUIRE(store->write(ops, true));
  CHECK_FALSE(load_character(*store, "harbor-pilot").value().has_value());
}

TEST_CASE("a character's value that is cut or too long is corrupt, at every byte") {
  const auto whole = encode_character(ines());
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const auto cut = decode_character(std::string_view(whole).substr(0, length));
    REQUIRE_FALSE(cut);
    REQUIRE(cut.error().kind == failure_kind::corrupt);
  }
  CHECK(decode_character(whole + "x").error().kind == failure_kind::corrupt);
  CHECK(decode_character(whole).value() == ines());
}

TEST_CASE("a store of an earlier version opens and gets the column of characters") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  std::vector<write_op> ops;
  put_space(ops, {"anna", 3});
  {
    auto store = database::open({.path = path}).value();
    REQUIRE(store->write(ops, true));
  }
  make_old(path);
  {
    // Only looked at, it stays as it is, and lacks nothing.
    const auto report = check(path).value();
    CHECK(report.sound());
    CHECK(report.spaces == 1);
    CHECK(report.characters == 0);
  }
  auto store = database::open({.path = path}).value();
  CHECK(list_spaces(*store).value().size() == 1);
  ops.clear();
  put_character(ops, "a", ines());
  REQUIRE(store->write(ops, true));
  CHECK(load_character(*store, "a").value() == ines());
  store.reset();
  CHECK(check(path).value().characters == 1);
}

TEST_CASE("check finds a damaged character and names it") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  {
    auto store = database::open({.path = path}).value();
    const write_op ops[] = {{write_kind::put, column::characters, make_key(std::string("ines")), "junk"},
                            {write_kind::put, column::characters, "junk", ""}};
    REQUIRE(store->write(ops, true));
  }
  const auto report = check(path).value();
  CHECK(report.characters == 2);
  REQUIRE(report.problems.size() == 2);
  CHECK(report.problems[0].find("character ines: ") == 0);
  CHECK(report.problems[1].find("key of characters") != std::string::npos);
}

TEST_CASE("of private characters that a crash left behind nothing stays, and of others everything") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  std::vector<write_op> ops;
  for (const std::string id : {"private/1/a", "private/2/b", "ines", "privateer"}) {
    memory_record record;
    record.id = 1;
    record.text = "text of " + id;
    put_record(ops, character_space(id), record);
    put_space(ops, {character_space(id), 2});
  }
  put_space(ops, {"private/3", 1});  // somebody's own memory, whatever its name
  REQUIRE(store->write(ops, true));
  CHECK(forget_private_characters(*store, "private/").value() == 2);
  CHECK(rows(*store, column::memories) == 2);
  CHECK(rows(*store, column::spaces) == 3);
  CHECK(forget_private_characters(*store, "private/").value() == 0);
}
