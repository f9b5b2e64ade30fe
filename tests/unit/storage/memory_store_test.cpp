#include "storage/memory_store.hpp"
#include "files.hpp"
#include "storage/key_codec.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

memory_record record_of(std::uint64_t id, std::string text) {
  memory_record record;
  record.id = id;
  record.text = std::move(text);
  record.kind = "fact";
  record.embedder = "offline";
  record.embedding = {1.f / 3, static_cast<float>(id)};
  return record;
}

std::vector<memory_record> records_of(const database& store, std::string_view space, space_info* info = nullptr) {
  std::vector<memory_record> records;
  const auto loaded = load_space(store, space, [&](memory_record&& record) { records.push_back(std::move(record)); });
  REQUIRE(loaded.has_value());
  if (info) *info = *loaded;
  return records;
}

}  // namespace

TEST_CASE("a space's records come back by id, and no id comes back after it was forgotten") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  std::vector<write_op> ops;
  for (std::uint64_t id : {300, 1, 2}) put_record(ops, "anna", record_of(id, "text " + std::to_string(id)));
  put_record(ops, "ann", record_of(1, "of another"));
  put_space(ops, {"anna", 301});
  put_space(ops, {"ann", 2});
  REQUIRE(store->write(ops, true).has_value());

  space_info info;
  auto records = records_of(*store, "anna", &info);
  REQUIRE(records.size() == 3);
  CHECK(records[0] == record_of(1, "text 1"));
  CHECK(records[2] == record_of(300, "text 300"));
  CHECK(info == space_info{"anna", 301});

  ops.clear();
  erase_record(ops, "anna", 300);
  REQUIRE(store->write(ops, true).has_value());
  CHECK(records_of(*store, "anna", &info).size() == 2);
  CHECK(info.next_id == 301);

  ops.clear();
  erase_space(ops, "anna");
  REQUIRE(store->write(ops, true).has_value());
  CHECK(records_of(*store, "anna", &info).empty());
  CHECK(info.next_id == 301);
  CHECK(records_of(*store, "ann").size() == 1);
  CHECK(list_spaces(*store).value() == std::vector<space_info>{{"ann", 2}, {"anna", 301}});
}

TEST_CASE("a space that was never used is empty and begins with 1") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  space_info info;
  CHECK(records_of(*store, "nobody", &info).empty());
  CHECK(info == space_info{"nobody", 1});
}

TEST_CASE("a mark below the highest record is raised") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  std::vector<write_op> ops;
  put_record(ops, "anna", record_of(9, "x"));
  REQUIRE(store->write(ops, true).has_value());
  space_info info;
  records_of(*store, "anna", &info);
  CHECK(info.next_id == 10);
}

TEST_CASE("a damaged record is reported by its id") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  const write_op op = put(column::memories, make_key(std::string("anna"), 5u), "junk");
  REQUIRE(store->write({&op, 1}, true).has_value());
  const auto loaded = load_space(*store, "anna", [](memory_record&&) {});
  REQUIRE_FALSE(loaded.has_value());
  CHECK(loaded.error().kind == failure_kind::corrupt);
  CHECK(loaded.error().message.find("memory 5") != std::string::npos);
}

TEST_CASE("a forgotten memory's text leaves the files") {
  const temporary_folder folder;
  auto store = database::open({.path = folder.file("store")}).value();
  const std::string text = "zV8-forget-this-sentence-4Rt";
  std::vector<write_op> ops;
  put_record(ops, "anna", record_of(1, text));
  put_record(ops, "anna", record_of(2, "stays"));
  REQUIRE(store->write(ops, true).has_value());
  ops.clear();
  erase_record(ops, "anna", 1);
  REQUIRE(store->write(ops, true).has_value());
  CHECK(files_hold(folder.path(), text));
  REQUIRE(store->purge(space_ranges("anna")).has_value());
  CHECK_FALSE(files_hold(folder.path(), text));
  CHECK(records_of(*store, "anna").size() == 1);
}
