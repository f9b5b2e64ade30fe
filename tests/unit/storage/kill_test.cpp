#include "storage/database.hpp"
#include "storage/key_codec.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <random>

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

/// Writes synced batches of two entries and reports each acknowledged number.
[[noreturn]] void load(const std::string& path, std::uint64_t number, int report) {
  auto store = database::open({.path = path});
  if (!store) _exit(1);
  for (;; ++number) {
    const std::string text(50 + number * 37 % 3000, static_cast<char>('a' + number % 26));
    const write_op ops[] = {{write_kind::put, column::events, make_key(number), text},
                            {write_kind::put, column::memories, make_key(number), text}};
    if (!(*store)->write(ops, true)) _exit(2);
    if (write(report, &number, sizeof number) != sizeof number) _exit(3);
  }
}

}  // namespace

TEST_CASE("every acknowledged write survives kill -9, and every batch is there whole or not at all", FORK_TAG) {
  const temporary_folder folder;
  const auto path = folder.file("store");
  std::mt19937_64 random(42);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 20; ++round) {
    int report[2];
    REQUIRE(pipe(report) == 0);
    const auto child = fork();
    if (child == 0) {
      close(report[0]);
      load(path, acknowledged + 1, report[1]);
    }
    close(report[1]);
    // The seed says after which number; where in the next write is up to the machine.
    const auto until = acknowledged + 1 + random() % 40;
    std::uint64_t number = 0;
    while (number < until && read(report[0], &number, sizeof number) == sizeof number) acknowledged = number;
    for (auto spin = random() % 200'000; spin > 0; --spin) asm volatile("");
    kill(child, SIGKILL);
    while (read(report[0], &number, sizeof number) == sizeof number) acknowledged = number;
    close(report[0]);
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(acknowledged >= until);

    auto store = database::open({.path = path, .create = false});
    REQUIRE(store.has_value());
    std::uint64_t expected_number = 0;
    std::uint64_t wrong = 0;
    REQUIRE((*store)
                ->for_each(column::events, "",
                           [&](auto key, auto value) {
                             if (key != make_key(++expected_number)) ++wrong;
                             const auto twin = (*store)->get(column::memories, key);
                             if (!twin || *twin != value) ++wrong;
                             return true;
                           })
                .has_value());
    CHECK(wrong == 0);
    // One more than acknowledged may have been written before the report.
    CHECK(expected_number >= acknowledged);
    CHECK(expected_number <= acknowledged + 1);
    acknowledged = expected_number;
  }
}
