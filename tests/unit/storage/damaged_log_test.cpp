#include "files.hpp"
#include "storage/database.hpp"
#include "storage/key_codec.hpp"
#include "storage/log_tail.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <random>

using namespace troupe;
using namespace troupe::storage;
using namespace troupe::test;

namespace {

constexpr std::uint64_t rows = 60;

/// A store that crashed: `rows` synced batches in its log and none in a table.
std::string crashed_store(const temporary_folder& folder, std::size_t text_size = 40) {
  const auto path = folder.file("live");
  auto store = database::open({.path = path}).value();
  for (std::uint64_t row = 0; row < rows; ++row) {
    const write_op op = put(column::events, make_key(row), std::string(text_size, 'a' + row % 26));
    REQUIRE(store->write({&op, 1}, true).has_value());
  }
  const auto crashed = folder.file("crashed");
  copy_store(path, crashed);
  return crashed;
}

std::uint64_t rows_in(const database& store) {
  std::uint64_t count = 0;
  REQUIRE(store
              .for_each(column::events, "",
                        [&](auto, auto) {
                          ++count;
                          return true;
                        })
              .has_value());
  return count;
}

void check_flips(std::size_t text_size, int flips) {
  const temporary_folder folder;
  const auto crashed = crashed_store(folder, text_size);
  const auto name = std::filesystem::path(log_of(crashed)).filename().string();
  const auto log = read_file(crashed + "/" + name);
  // The last record may be damaged into what looks like a torn one.
  const auto last_record = log.size() - 2 * (text_size + 60);
  std::mt19937_64 random(7);
  for (int flip = 0; flip < flips; ++flip) {
    const auto victim = folder.file("victim");
    copy_store(crashed, victim);
    auto bytes = log;
    const auto at = random() % last_record;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    write_file(victim + "/" + name, bytes);
    auto opened = database::open({.path = victim});
    CAPTURE(at, log.size());
    if (opened) {
      // Padding at the end of a block belongs to no record.
      CHECK(rows_in(**opened) == rows);
      CHECK(32768 - at % 32768 <= 7);
    } else {
      CHECK(opened.error().kind == failure_kind::corrupt);
      CHECK(opened.error().message.find("troupe restore") != std::string::npos);
      CHECK(opened.error().message.find("troupe check") != std::string::npos);
    }
  }
}

}  // namespace

TEST_CASE("a flipped bit anywhere in a short log is refused") {
  check_flips(40, 150);
}

TEST_CASE("a flipped bit anywhere in a log of several blocks is refused") {
  check_flips(3000, 60);
}

TEST_CASE("a damaged length in the last block is refused although it looks like a torn tail") {
  const temporary_folder folder;
  const auto crashed = crashed_store(folder);
  auto bytes = read_file(log_of(crashed));
  // The record of row 30: its text is unique enough to find its header.
  const auto text = bytes.find(std::string(40, 'a' + 30 % 26));
  REQUIRE(text != std::string::npos);
  auto header = text;
  while (!(bytes[header] == 1 && bytes[header - 1] == 0 && bytes[header - 2] > 40)) --header;
  bytes[header - 1] = '\x7f';
  write_file(log_of(crashed), bytes);
  const auto opened = database::open({.path = crashed});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == failure_kind::corrupt);
}

TEST_CASE("zeros in the middle of a log are refused") {
  const temporary_folder folder;
  const auto crashed = crashed_store(folder, 3000);
  auto bytes = read_file(log_of(crashed));
  bytes.replace(40000, 3200, std::string(3200, '\0'));
  write_file(log_of(crashed), bytes);
  const auto opened = database::open({.path = crashed});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == failure_kind::corrupt);
}

TEST_CASE("a torn tail is recovered with every batch before it") {
  const temporary_folder folder;
  const auto crashed = crashed_store(folder);
  const auto name = std::filesystem::path(log_of(crashed)).filename().string();
  const auto log = read_file(crashed + "/" + name);
  for (std::size_t cut = 1; cut < 70; cut += 3) {
    const auto victim = folder.file("victim");
    copy_store(crashed, victim);
    write_file(victim + "/" + name, log.substr(0, log.size() - cut));
    auto opened = database::open({.path = victim});
    CAPTURE(cut);
    REQUIRE(opened.has_value());
    CHECK(rows_in(**opened) == rows - 1);
  }
}

TEST_CASE("zeros behind the last record, as preallocation leaves them, are no damage") {
  const temporary_folder folder;
  const auto crashed = crashed_store(folder);
  const auto log = log_of(crashed);
  write_file(log, read_file(log) + std::string(5000, '\0'));
  auto opened = database::open({.path = crashed});
  REQUIRE(opened.has_value());
  CHECK(rows_in(**opened) == rows);
}

TEST_CASE("a damaged manifest is refused") {
  const temporary_folder folder;
  const auto crashed = crashed_store(folder);
  auto manifest = crashed + "/" + read_file(crashed + "/CURRENT");
  manifest.pop_back();
  const auto whole = read_file(manifest);
  std::mt19937_64 random(11);
  for (int flip = 0; flip < 40; ++flip) {
    auto bytes = whole;
    const auto at = random() % (whole.size() - 120);
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    write_file(manifest, bytes);
    const auto opened = database::open({.path = crashed, .create = false});
    CAPTURE(at, whole.size());
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().kind == failure_kind::corrupt);
  }
}

TEST_CASE("a store that has lost its file CURRENT is refused, and its data stay") {
  const temporary_folder folder;
  const auto crashed = crashed_store(folder);
  const auto current = read_file(crashed + "/CURRENT");
  std::filesystem::remove(crashed + "/CURRENT");
  const auto opened = database::open({.path = crashed});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().kind == failure_kind::corrupt);
  write_file(crashed + "/CURRENT", current);
  CHECK(rows_in(*database::open({.path = crashed}).value()) == rows);
}
