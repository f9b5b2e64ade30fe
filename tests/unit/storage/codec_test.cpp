#include "storage/key_codec.hpp"
#include "storage/lesson_log.hpp"
#include "storage/log_tail.hpp"
#include "storage/memory_store.hpp"
#include "storage/session_log.hpp"
#include "storage/token_store.hpp"
#include "storage/value_codec.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace troupe;
using namespace troupe::storage;

namespace {

std::string random_bytes(std::mt19937_64& random, std::size_t longest) {
  std::string bytes(random() % (longest + 1), '\0');
  // Few distinct values, so that zeros, escapes and small lengths are common.
  for (auto& byte : bytes) byte = static_cast<char>(random() % 3 == 0 ? random() : random() % 4 * 85);
  return bytes;
}

memory_record sample_record() {
  memory_record record;
  record.id = 7;
  record.text = "The cat is called \"Minou\".";
  record.kind = "fact";
  record.importance = 0.1f;
  record.created_at = 1'700'000'000'000;
  record.updated_at = -5;
  record.source = "turn";
  record.metadata = {{"mood", "calm"}, {"", std::string("\0x", 2)}};
  record.embedder = "offline";
  record.embedding = {0.1f, -0.0f, std::numeric_limits<float>::denorm_min(), 1e30f};
  return record;
}

session_snapshot sample_snapshot() {
  session_snapshot snapshot;
  snapshot.spec = {"00112233445566778899aabbccddeeff", "luna", "anna", "Be kind.", session_retention::resumable, 99};
  snapshot.last_number = 300;
  snapshot.history = {{chat_role::user, "Hello"}, {chat_role::model, ""}, {chat_role::user, "Grüße 🌙"}};
  return snapshot;
}

}  // namespace

TEST_CASE("keys are ordered as their tuples") {
  std::mt19937_64 random(1);
  std::vector<std::pair<std::string, std::uint64_t>> tuples{{"", 0}, {"a", 1}, {std::string("a\0", 2), 0}};
  for (int i = 0; i < 500; ++i) tuples.emplace_back(random_bytes(random, 6), random() >> random() % 64);
  std::ranges::sort(tuples);
  for (std::size_t i = 1; i < tuples.size(); ++i) {
    if (tuples[i - 1] == tuples[i]) continue;
    CHECK(make_key(tuples[i - 1].first, tuples[i - 1].second) < make_key(tuples[i].first, tuples[i].second));
  }
}

TEST_CASE("a key comes back as the parts it was made of") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 500; ++i) {
    const auto first = random_bytes(random, 10);
    const auto second = random_bytes(random, 10);
    const auto number = random();
    const auto key = make_key(first, second, number);
    key_reader parts(key);
    CHECK(parts.text() == first);
    CHECK(parts.text() == second);
    CHECK(parts.number() == number);
    CHECK(parts.complete());
  }
}

TEST_CASE("a text's keys end before those of any other text") {
  const auto prefix = make_key(std::string("ab"));
  const auto end = after_prefix(prefix);
  CHECK(make_key(std::string("ab"), UINT64_MAX) < end);
  CHECK(make_key(std::string("abc"), 0u) >= end);
  CHECK(make_key(std::string("ab\0", 3), 0u) >= end);
  CHECK(make_key(std::string("ab\xff"), 0u) >= end);
  CHECK(after_prefix("\xff\xff").empty());
  CHECK(after_prefix("a\xff") == "b");
}

TEST_CASE("a key of another epoch is malformed") {
  auto key = make_key(std::string("x"));
  key[0] = 2;
  key_reader parts(key);
  parts.text();
  CHECK_FALSE(parts.complete());
  CHECK(parts.finish("sessions").error().kind == failure_kind::corrupt);
}

TEST_CASE("numbers, texts and floats come back from a value") {
  const auto bytes = value_writer(1)
                         .number(0)
                         .number(127)
                         .number(128)
                         .number(UINT64_MAX)
                         .signed_number(INT64_MIN)
                         .signed_number(INT64_MAX)
                         .signed_number(-1)
                         .text("")
                         .text(std::string(300, 'x'))
                         .real(-1.5f)
                         .reals({})
                         .reals({1.f, 2.f})
                         .take();
  value_reader reader(bytes, 1);
  CHECK(reader.number() == 0);
  CHECK(reader.number() == 127);
  CHECK(reader.number() == 128);
  CHECK(reader.number() == UINT64_MAX);
  CHECK(reader.signed_number() == INT64_MIN);
  CHECK(reader.signed_number() == INT64_MAX);
  CHECK(reader.signed_number() == -1);
  CHECK(reader.text().empty());
  CHECK(reader.text() == std::string(300, 'x'));
  CHECK(reader.real() == -1.5f);
  CHECK(reader.reals().empty());
  CHECK(reader.reals() == std::vector<float>{1.f, 2.f});
  CHECK(reader.complete());
}

TEST_CASE("records, snapshots, events and tokens come back as they were") {
  const auto record = sample_record();
  CHECK(decode_record(record.id, encode_record(record)).value() == record);
  CHECK(std::signbit(decode_record(7, encode_record(record)).value().embedding[1]));
  const auto snapshot = sample_snapshot();
  CHECK(decode_snapshot(encode_snapshot(snapshot)).value() == snapshot);
  const session_event event{9, UINT64_MAX, event_kind::cancelled, -3, "half a rep"};
  CHECK(decode_event(9, encode_event(event)).value() == event);
  CHECK(decode_open_turn(encode_open_turn(12)).value() == 12);
  CHECK(decode_space("s", encode_space({"s", 44})).value() == space_info{"s", 44});
  CHECK(decode_token(encode_token({hash_token("tr_x"), 5})).value().hash == hash_token("tr_x"));
}

TEST_CASE("a value that is cut short or has bytes left over is corrupt") {
  const auto check_cuts = [](const std::string& whole, const auto& decode) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto cut = decode(std::string_view(whole).substr(0, size));
      REQUIRE_FALSE(cut.has_value());
      CHECK(cut.error().kind == failure_kind::corrupt);
    }
    CHECK_FALSE(decode(whole + '\0').has_value());
    auto newer = whole;
    newer[0] = 2;
    CHECK_FALSE(decode(newer).has_value());
  };
  check_cuts(encode_record(sample_record()), [](auto bytes) { return decode_record(1, bytes); });
  check_cuts(encode_snapshot(sample_snapshot()), [](auto bytes) { return decode_snapshot(bytes); });
  check_cuts(encode_event({1, 2, event_kind::user, 3, "x"}), [](auto bytes) { return decode_event(1, bytes); });
  check_cuts(encode_token({hash_token("x"), 1}), [](auto bytes) { return decode_token(bytes); });
}

TEST_CASE("an event or a message without a kind is corrupt") {
  CHECK_FALSE(decode_event(1, value_writer(1).number(1).number(0).signed_number(0).text("").take()).has_value());
  CHECK_FALSE(decode_event(1, value_writer(1).number(1).number(9).signed_number(0).text("").take()).has_value());
  auto snapshot = sample_snapshot();
  snapshot.history[0].role = static_cast<chat_role>(0);
  CHECK_FALSE(decode_snapshot(encode_snapshot(snapshot)).has_value());
}

TEST_CASE("a count beyond the bytes at hand reserves nothing") {
  const auto bytes = value_writer(1).number(UINT64_MAX / 2).take();
  value_reader text(bytes, 1);
  CHECK(text.text().empty());
  CHECK_FALSE(text.sound());
  value_reader reals(bytes, 1);
  CHECK(reals.reals().empty());
  CHECK_FALSE(reals.sound());
}

TEST_CASE("random bytes crash no reader, and what a reader accepts reads back the same") {
  std::mt19937_64 random(3);
  const std::string seeds[] = {encode_record(sample_record()), encode_snapshot(sample_snapshot()),
                               encode_event({1, 2, event_kind::user, 3, "hello"}), make_key(std::string("a"), 5u)};
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = round % 2 ? random_bytes(random, 60) : seeds[random() % 4];
    if (!bytes.empty())
      for (auto flips = random() % 4; flips > 0; --flips) bytes[random() % bytes.size()] ^= 1 << random() % 8;
    if (const auto record = decode_record(1, bytes)) {
      ++accepted;
      const auto again = encode_record(*record);
      // NaNs differ from themselves, so bytes are compared.
      CHECK(encode_record(decode_record(1, again).value()) == again);
    }
    if (const auto snapshot = decode_snapshot(bytes)) {
      ++accepted;
      CHECK(decode_snapshot(encode_snapshot(*snapshot)).value() == *snapshot);
    }
    if (const auto event = decode_event(1, bytes)) {
      ++accepted;
      CHECK(decode_event(1, encode_event(*event)).value() == *event);
    }
    static_cast<void>(decode_open_turn(bytes));
    static_cast<void>(decode_space("s", bytes));
    static_cast<void>(decode_token(bytes));
    static_cast<void>(decode_lesson(bytes, bytes));
    static_cast<void>(log_ends_cleanly(bytes));
    key_reader parts(bytes);
    const auto text = parts.text();
    const auto number = parts.number();
    if (parts.complete()) CHECK(make_key(text, number) == bytes);
  }
  CHECK(accepted > 500);
}
