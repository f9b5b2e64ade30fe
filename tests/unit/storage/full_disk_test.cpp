#include "files.hpp"
#include "storage/database.hpp"
#include "storage/key_codec.hpp"
#include "support/catch.hpp"
#include "support/faulty_file_system.hpp"
#include "support/temporary_folder.hpp"

#include <sys/mount.h>

#include <atomic>
#include <thread>

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

expected<void> write_row(database& store, std::uint64_t row, std::size_t size = 100) {
  const write_op op = put(column::events, make_key(row), std::string(size, static_cast<char>('a' + row % 26)));
  return store.write({&op, 1}, true);
}

void check_rows(const database& store, std::uint64_t rows, std::size_t size = 100) {
  for (std::uint64_t row = 0; row < rows; ++row) {
    const auto value = store.get(column::events, make_key(row));
    REQUIRE(value.has_value());
    CAPTURE(row);
    REQUIRE(value->has_value());
    CHECK(**value == std::string(size, static_cast<char>('a' + row % 26)));
  }
}

}  // namespace

TEST_CASE("after a failed write the store is read-only until the fault is gone, and nothing is lost") {
  const temporary_folder folder;
  const auto path = folder.file("store");
  const auto disk = std::make_shared<faulty_file_system>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  auto store = database::open({.path = path, .env = env.get()}).value();
  const auto fault = GENERATE(disk_fault::io_error, disk_fault::no_space, disk_fault::sync_error);
  // With 0 the failed write is the first since the log was begun.
  const std::uint64_t before = GENERATE(0, 20);
  CAPTURE(static_cast<int>(fault), before);
  for (std::uint64_t row = 0; row < before; ++row) REQUIRE(write_row(*store, row).has_value());

  disk->fail_now(fault);
  const auto failed = write_row(*store, before);
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().kind == failure_kind::read_only);
  CHECK(failed.error().message.find("takes no writes") != std::string::npos);
  if (fault == disk_fault::no_space) CHECK(failed.error().message.find("is full") != std::string::npos);
  CHECK(store->is_read_only());
  CHECK_FALSE(store->read_only_reason().empty());
  check_rows(*store, before);

  // Refused, and not tried: the disk is not touched.
  const auto operations = disk->operations();
  const auto refused = write_row(*store, before + 1);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().kind == failure_kind::read_only);
  CHECK(disk->operations() == operations);
  const auto early = store->try_resume();
  REQUIRE_FALSE(early.has_value());
  CHECK(early.error().kind == failure_kind::read_only);
  check_rows(*store, before);

  disk->clear();
  REQUIRE(store->try_resume().has_value());
  CHECK_FALSE(store->is_read_only());
  CHECK(store->read_only_reason().empty());
  check_rows(*store, before);
  for (std::uint64_t row = before; row < before + 20; ++row) REQUIRE(write_row(*store, row).has_value());

  // As after a crash at this moment: what was acknowledged after the fault is
  // there, and the half record of the failed write damages nothing.
  const auto crashed = folder.file("crashed");
  copy_store(path, crashed);
  auto reopened = database::open({.path = crashed, .create = false});
  REQUIRE(reopened.has_value());
  check_rows(**reopened, before + 20);
}

TEST_CASE("a fault at any operation of a load loses no acknowledged write") {
  for (std::uint64_t operations = 0; operations < 26; operations += 3) {
    const temporary_folder folder;
    const auto disk = std::make_shared<faulty_file_system>();
    const auto env = rocksdb::NewCompositeEnv(disk);
    auto store = database::open({.path = folder.file("store"), .env = env.get()}).value();
    disk->fail_after(operations, operations % 2 ? disk_fault::no_space : disk_fault::io_error);
    std::uint64_t row = 0;
    while (write_row(*store, row).has_value()) REQUIRE(++row < 100);
    disk->clear();
    REQUIRE(store->try_resume().has_value());
    check_rows(*store, row);
    REQUIRE(write_row(*store, row).has_value());
    store.reset();
    store = database::open({.path = folder.file("store"), .create = false}).value();
    check_rows(*store, row + 1);
  }
}

TEST_CASE("a reopen that fails leaves the store readable and is tried again") {
  const temporary_folder folder;
  const auto disk = std::make_shared<faulty_file_system>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  auto store = database::open({.path = folder.file("store"), .env = env.get()}).value();
  for (std::uint64_t row = 0; row < 20; ++row) REQUIRE(write_row(*store, row).has_value());
  disk->fail_now(disk_fault::io_error);
  REQUIRE_FALSE(write_row(*store, 20).has_value());
  // The probe of the disk succeeds (its writes and its sync), the reopen does not.
  bool resumed = false;
  int failures = 0;
  for (std::uint64_t operations = 1; !resumed && operations < 60; ++operations) {
    disk->fail_after(operations, disk_fault::io_error);
    resumed = store->try_resume().has_value();
    disk->clear();
    if (!resumed) ++failures;
    if (!resumed) CHECK(store->is_read_only());
    check_rows(*store, 20);
  }
  CHECK(resumed);
  CHECK(failures > 2);
  if (!store->is_read_only()) REQUIRE(write_row(*store, 20).has_value());
}

TEST_CASE("readers go on while the store is reopened") {
  const temporary_folder folder;
  const auto disk = std::make_shared<faulty_file_system>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  auto store = database::open({.path = folder.file("store"), .env = env.get()}).value();
  REQUIRE(write_row(*store, 0).has_value());
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!stop) {
        const auto value = store->get(column::events, make_key(std::uint64_t{0}));
        const bool reopening = !value && value.error().kind == failure_kind::unavailable;
        if (!reopening && (!value || !value->has_value())) ++wrong;
        const auto scanned = store->for_each(column::events, "", [&](auto, auto) {
          // Reads within a read must not wait for a reopen that waits for us.
          static_cast<void>(store->get(column::events, "x"));
          return true;
        });
        if (scanned) ++reads;
      }
    });
  for (int round = 0; round < 5; ++round) {
    disk->fail_now(disk_fault::no_space);
    CHECK_FALSE(write_row(*store, 1).has_value());
    disk->clear();
    CHECK(store->try_resume().has_value());
    const int seen = reads;
    while (reads == seen) std::this_thread::yield();
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  CHECK(wrong == 0);
}

TEST_CASE("on a disk that is really full nothing is lost, and space lets the store go on") {
  const temporary_folder folder;
  const auto mounted = folder.file("small");
  std::filesystem::create_directory(mounted);
  if (mount("tmpfs", mounted.c_str(), "tmpfs", 0, "size=8m") != 0) {
    WARN("skipped: mounting a small file system takes more rights than this test has");
    return;
  }
  const auto ballast = mounted + "/ballast";
  write_file(ballast, std::string(1 << 20, 'x'));
  {
    auto store = database::open({.path = mounted + "/store"}).value();
    std::uint64_t row = 0;
    constexpr std::size_t size = 20'000;
    expected<void> written;
    while ((written = write_row(*store, row, size))) REQUIRE(++row < 1000);
    CHECK(written.error().kind == failure_kind::read_only);
    CHECK(written.error().message.find("is full") != std::string::npos);
    CHECK_FALSE(store->try_resume().has_value());
    check_rows(*store, row, size);
    std::filesystem::remove(ballast);
    REQUIRE(store->try_resume().has_value());
    check_rows(*store, row, size);
    REQUIRE(write_row(*store, row, size).has_value());
    copy_store(mounted + "/store", folder.file("crashed"));
    auto reopened = database::open({.path = folder.file("crashed"), .create = false});
    REQUIRE(reopened.has_value());
    check_rows(**reopened, row + 1, size);
  }
  CHECK(umount(mounted.c_str()) == 0);
}
