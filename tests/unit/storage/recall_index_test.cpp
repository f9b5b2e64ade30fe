#include "storage/recall_index.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

using namespace troupe;
using namespace troupe::storage;

namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;
constexpr std::int64_t day_ms = 86'400'000;
using vector = std::vector<float>;

memory_record record(std::uint64_t id, const std::string& text, vector embedding = {}) {
  memory_record result;
  result.id = id;
  result.text = text;
  result.kind = "fact";
  result.created_at = result.updated_at = now_ms;
  result.embedding = std::move(embedding);
  return result;
}

vector at_angle(float degrees) {
  return {std::cos(degrees * 3.14159265f / 180), std::sin(degrees * 3.14159265f / 180)};
}

std::vector<std::uint64_t> ids_of(const std::vector<memory_hit>& hits) {
  std::vector<std::uint64_t> ids;
  for (const auto& hit : hits) ids.push_back(hit.record.id);
  return ids;
}

}  // namespace

TEST_CASE("a recall orders by similarity and says how similar each hit is") {
  recall_index index;
  for (std::uint64_t id = 1; id <= 5; ++id)
    REQUIRE(index.put(record(id, "t" + std::to_string(id), at_angle(20.0f * static_cast<float>(id)))).has_value());
  const auto hits = index.recall("", at_angle(0), {3, 0, 0.25f, ""}, now_ms);
  REQUIRE(ids_of(hits) == std::vector<std::uint64_t>{1, 2, 3});
  REQUIRE(hits[0].similarity == Approx(std::cos(20 * 3.14159265 / 180)));
  REQUIRE_FALSE(hits[0].matched);
  REQUIRE(hits[0].score > hits[1].score);
  REQUIRE(hits[0].record.embedding.empty());
}

TEST_CASE("a hit by similarity alone must reach the threshold, one by word need not") {
  recall_index index;
  REQUIRE(index.put(record(1, "green parrot", at_angle(85))).has_value());
  REQUIRE(index.put(record(2, "blue whale", at_angle(84))).has_value());
  const auto hits = index.recall("parrot", at_angle(0), {5, 0, 0.25f, ""}, now_ms);
  REQUIRE(ids_of(hits) == std::vector<std::uint64_t>{1});
  REQUIRE(hits[0].matched);
}

TEST_CASE("a record both similar and matched comes before one that is only similar") {
  recall_index index;
  REQUIRE(index.put(record(1, "the harbour at dawn", at_angle(10))).has_value());
  REQUIRE(index.put(record(2, "my boat in the harbour", at_angle(12))).has_value());
  REQUIRE(ids_of(index.recall("boat", at_angle(0), {}, now_ms)).front() == 2);
}

TEST_CASE("whatever a plain term match finds fills up to k") {
  std::mt19937_64 random(2);
  for (int round = 0; round < 30; ++round) {
    recall_index index;
    std::set<std::uint64_t> plain;
    static const std::vector<std::string> texts = {"is it", "Abc def", "xabcx", "the end", "what else", "zz", "a-b"};
    for (std::uint64_t id = 1; id <= 40; ++id) {
      const std::string text = texts[random() % texts.size()];
      REQUIRE(index.put(record(id, text, random() % 2 ? at_angle(static_cast<float>(random() % 360)) : vector{}))
                  .has_value());
      if (text.find("is") != std::string::npos || text == "Abc def" || text == "xabcx") plain.insert(id);
    }
    const auto all = ids_of(index.recall("is ABC", at_angle(180), {40, 0, 0.25f, ""}, now_ms));
    for (std::uint64_t id : plain) REQUIRE(std::count(all.begin(), all.end(), id) == 1);
    REQUIRE(std::set(all.begin(), all.end()).size() == all.size());
    const std::size_t few = 1 + random() % 5;
    const auto some = index.recall("is ABC", {}, {static_cast<std::uint32_t>(few), 0, 0.25f, ""}, now_ms);
    REQUIRE(some.size() == std::min(few, plain.size()));
  }
}

TEST_CASE("filters hold for similarity, words and what fills up") {
  recall_index index;
  for (std::uint64_t id = 1; id <= 60; ++id) {
    auto one = record(id, "is a lighthouse", id % 3 ? at_angle(static_cast<float>(id)) : vector{});
    one.kind = id % 2 ? "fact" : "plan";
    one.importance = static_cast<float>(id) / 60;
    REQUIRE(index.put(one).has_value());
  }
  for (const std::string query : {"lighthouse", "is", ""}) {
    const auto hits = index.recall(query, at_angle(0), {60, 0.5f, 0.25f, "plan"}, now_ms);
    REQUIRE_FALSE(hits.empty());
    for (const auto& hit : hits) REQUIRE((hit.record.kind == "plan" && hit.record.importance >= 0.5f));
    if (!query.empty()) REQUIRE(hits.size() == 16);
  }
}

TEST_CASE("of equal records the important and then the new one comes first") {
  recall_index index;
  for (std::uint64_t id = 1; id <= 4; ++id) {
    auto one = record(id, "the same words", at_angle(5));
    one.importance = id == 2 ? 1.0f : 0.5f;
    one.created_at = one.updated_at = id == 4 ? now_ms - 400 * day_ms : now_ms - 100 * day_ms;
    REQUIRE(index.put(one).has_value());
  }
  const auto ids = ids_of(index.recall("same", at_angle(0), {}, now_ms));
  REQUIRE(ids.front() == 2);
  REQUIRE(ids.size() == 4);
}

TEST_CASE("a record without an embedding is found by its words alone") {
  recall_index index;
  REQUIRE(index.put(record(1, "quartz")).has_value());
  REQUIRE(index.put(record(2, "zero vector", vector{0, 0})).has_value());
  REQUIRE(index.put(record(3, "granite", at_angle(0))).has_value());
  REQUIRE(ids_of(index.recall("quartz", at_angle(90), {}, now_ms)) == std::vector<std::uint64_t>{1});
  REQUIRE(ids_of(index.recall("vector", {}, {}, now_ms)) == std::vector<std::uint64_t>{2});
}

TEST_CASE("replacing and removing leave no trace in either index") {
  recall_index index;
  REQUIRE(index.put(record(1, "old words", at_angle(0))).has_value());
  REQUIRE(index.put(record(1, "new text", at_angle(90))).has_value());
  REQUIRE(index.size() == 1);
  REQUIRE(index.recall("old", at_angle(0), {}, now_ms).empty());
  REQUIRE(index.recall("", at_angle(90), {}, now_ms).size() == 1);
  REQUIRE(index.put(record(1, "new text")).has_value());
  REQUIRE(index.recall("", at_angle(90), {}, now_ms).empty());
  REQUIRE(index.remove(1));
  REQUIRE_FALSE(index.remove(1));
  REQUIRE(index.recall("new", at_angle(90), {}, now_ms).empty());
}

TEST_CASE("a record that does not fit is refused and changes nothing") {
  recall_index index;
  REQUIRE(index.put(record(1, "first", at_angle(0))).has_value());
  REQUIRE(index.put(record(0, "no id", at_angle(0))).error().kind == failure_kind::invalid);
  REQUIRE(index.put(record(1, "second", vector{1, 0, 0})).error().kind == failure_kind::invalid);
  REQUIRE(index.find(1)->text == "first");
  REQUIRE(ids_of(index.recall("first", {}, {}, now_ms)) == std::vector<std::uint64_t>{1});
}

TEST_CASE("the nearest record is found to be reinforced") {
  recall_index index;
  REQUIRE_FALSE(index.nearest(at_angle(0)));
  REQUIRE(index.put(record(7, "a", at_angle(3))).has_value());
  REQUIRE(index.put(record(8, "b", at_angle(30))).has_value());
  REQUIRE(index.nearest(at_angle(0))->id == 7);
  REQUIRE(index.nearest(at_angle(0))->similarity > 0.99f);
}

TEST_CASE("records are listed newest first, in pages") {
  recall_index index;
  for (std::uint64_t id = 1; id <= 7; ++id) REQUIRE(index.put(record(id, "t")).has_value());
  const auto page = index.list(3);
  REQUIRE(page.size() == 3);
  REQUIRE(page[0].id == 7);
  REQUIRE(index.list(3, page[2].id)[0].id == 4);
  REQUIRE(index.list(100, 2).size() == 1);
  const std::size_t filled = index.memory_bytes();
  index.clear();
  REQUIRE(index.list(10).empty());
  REQUIRE(index.memory_bytes() < filled);
}

TEST_CASE("a record gets its vector later, loses it, and is found by its words meanwhile") {
  recall_index index;
  REQUIRE(index.put(record(1, "green parrot")).has_value());
  REQUIRE(index.put(record(2, "blue whale")).has_value());
  REQUIRE(index.embedded() == 0);
  REQUIRE(index.recall("", at_angle(0), {}, now_ms).empty());
  REQUIRE(index.set_embedding(1, "a", at_angle(10)).has_value());
  REQUIRE(ids_of(index.recall("", at_angle(0), {}, now_ms)) == std::vector<std::uint64_t>{1});
  REQUIRE(index.find(1)->embedder == "a");
  REQUIRE(index.embedding(1).size() == 2);
  REQUIRE(index.embedding(2).empty());
  REQUIRE(index.set_embedding(3, "a", at_angle(10)).error().kind == failure_kind::not_found);
  REQUIRE(index.set_embedding(2, "a", vector{1, 0, 0}).error().kind == failure_kind::invalid);
  REQUIRE(index.find(2)->embedder.empty());
  auto ids = index.drop_embeddings();
  std::sort(ids.begin(), ids.end());
  REQUIRE(ids == std::vector<std::uint64_t>{1, 2});
  REQUIRE(index.embedded() == 0);
  REQUIRE(index.find(1)->embedder.empty());
  REQUIRE(ids_of(index.recall("parrot", {}, {}, now_ms)) == std::vector<std::uint64_t>{1});
  REQUIRE(index.set_embedding(2, "b", vector{1, 0, 0}).has_value());
  REQUIRE(index.dimensions() == 3);
}
