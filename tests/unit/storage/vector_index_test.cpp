#include "storage/vector_index.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

using namespace troupe;
using namespace troupe::storage;

namespace {

std::vector<float> unit(std::vector<float> vector) {
  double square = 0;
  for (float value : vector) square += static_cast<double>(value) * value;
  for (float& value : vector) value = static_cast<float>(value / std::sqrt(square));
  return vector;
}

std::vector<float> random_unit(std::mt19937_64& random, std::size_t dimensions) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(dimensions);
  for (float& value : vector) value = normal(random);
  return unit(std::move(vector));
}

/// Few distinct values, so that ties are frequent.
std::vector<float> coarse_unit(std::mt19937_64& random, std::size_t dimensions) {
  std::vector<float> vector(dimensions);
  for (float& value : vector) value = static_cast<float>(static_cast<int>(random() % 3) - 1);
  vector[0] = 1;
  return unit(std::move(vector));
}

using rows = std::map<std::uint64_t, std::vector<float>>;

std::vector<vector_hit> brute_force(const rows& all, const std::vector<float>& query, std::size_t k,
                                    const vector_index::filter& accept = {}) {
  std::vector<vector_hit> hits;
  for (const auto& [id, vector] : all)
    if (!accept || accept(id)) hits.push_back({id, dot(vector, query)});
  std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.similarity > b.similarity; });
  hits.resize(std::min(k, hits.size()));
  return hits;
}

std::vector<scan_kernel> kernels() {
  std::vector<scan_kernel> result;
  for (auto kernel : {scan_kernel::scalar, scan_kernel::avx2, scan_kernel::avx512_vnni})
    if (available(kernel)) result.push_back(kernel);
  return result;
}

}  // namespace

TEST_CASE("the float dot product agrees with a double one") {
  std::mt19937_64 random(1);
  for (std::size_t size = 1; size < 200; ++size) {
    const auto a = random_unit(random, size);
    const auto b = random_unit(random, size);
    double exact = 0;
    for (std::size_t i = 0; i < size; ++i) exact += static_cast<double>(a[i]) * b[i];
    REQUIRE(dot(a, b) == Approx(exact).margin(1e-6));
  }
}

TEST_CASE("a search equals a float scan in thousands of random spaces, on every kernel") {
  std::mt19937_64 random(20);
  for (scan_kernel kernel : kernels()) {
    INFO(to_string(kernel));
    for (int round = 0; round < 1500; ++round) {
      const std::size_t dimensions = 1 + random() % 130;
      const int flavour = static_cast<int>(random() % 3);
      vector_index index(0, kernel);
      rows all;
      std::vector<float> centre = random_unit(random, dimensions);
      const std::size_t count = 1 + random() % 300;
      for (std::size_t i = 0; i < count; ++i) {
        std::vector<float> vector;
        if (flavour == 0) vector = random_unit(random, dimensions);
        if (flavour == 1) vector = coarse_unit(random, dimensions);
        if (flavour == 2) {  // near-duplicates: far below the quantisation error apart
          vector = centre;
          vector[random() % dimensions] += 1e-5f * static_cast<float>(random() % 5);
          vector = unit(std::move(vector));
        }
        const std::uint64_t id = 1 + random() % 1000;
        REQUIRE(index.put(id, vector).has_value());
        all[id] = vector;
      }
      const auto query = flavour == 1 ? coarse_unit(random, dimensions) : random_unit(random, dimensions);
      const std::size_t k = 1 + random() % 20;
      REQUIRE(index.search(query, k) == brute_force(all, query, k));
      const auto odd = [](std::uint64_t id) { return id % 2 == 1; };
      REQUIRE(index.search(query, k, odd) == brute_force(all, query, k, odd));
    }
  }
}

TEST_CASE("a search stays exact over thousands of rows and many chunks") {
  std::mt19937_64 random(7);
  vector_index index;
  rows all;
  for (std::uint64_t id = 1; id <= 6000; ++id) {
    all[id] = id % 3 == 0 ? coarse_unit(random, 24) : random_unit(random, 24);
    REQUIRE(index.put(id, all[id]).has_value());
  }
  for (int round = 0; round < 50; ++round) {
    const auto query = round % 2 ? coarse_unit(random, 24) : all[1 + random() % 6000];
    REQUIRE(index.search(query, 64) == brute_force(all, query, 64));
  }
}

TEST_CASE("rows added, replaced and removed in any order leave what they should") {
  std::mt19937_64 random(3);
  vector_index index;
  rows all;
  for (int step = 0; step < 4000; ++step) {
    const std::uint64_t id = 1 + random() % 120;
    if (random() % 3 == 0) {
      REQUIRE(index.remove(id) == (all.erase(id) == 1));
    } else {
      all[id] = coarse_unit(random, 17);
      REQUIRE(index.put(id, all[id]).has_value());
    }
    REQUIRE(index.size() == all.size());
    if (step % 40 == 0 && !all.empty()) {
      const auto query = coarse_unit(random, 17);
      REQUIRE(index.search(query, 10) == brute_force(all, query, 10));
    }
  }
}

TEST_CASE("every kernel gives the same bits of score") {
  std::mt19937_64 random(5);
  const auto query = random_unit(random, 100);
  std::vector<std::vector<vector_hit>> answers;
  for (scan_kernel kernel : kernels()) {
    std::mt19937_64 same(9);
    vector_index index(100, kernel);
    for (std::uint64_t id = 1; id <= 500; ++id) REQUIRE(index.put(id, random_unit(same, 100)).has_value());
    answers.push_back(index.search(query, 500));
  }
  for (const auto& answer : answers) REQUIRE(answer == answers.front());
}

TEST_CASE("a vector that breaks a rule is refused by name and changes nothing") {
  vector_index index(2);
  REQUIRE(index.put(1, std::vector<float>{1, 0}).has_value());
  for (const auto& wrong : {std::vector<float>{}, std::vector<float>{1, 0, 0}, std::vector<float>{0, 0},
                            std::vector<float>{2, 0}, std::vector<float>{NAN, 0}}) {
    const auto result = index.put(2, wrong);
    REQUIRE(result.has_error());
    REQUIRE(result.error().kind == failure_kind::invalid);
    REQUIRE(result.error().message.rfind("embedding: ", 0) == 0);
  }
  REQUIRE(index.size() == 1);
  REQUIRE(index.search(std::vector<float>{1, 0, 0}, 5).empty());
  REQUIRE(index.search(std::vector<float>{NAN, 0}, 5).empty());
  REQUIRE(index.search(std::vector<float>{1, 0}, 0).empty());
}

TEST_CASE("an index reports the memory it takes and forgets it when cleared") {
  std::mt19937_64 random(5);
  vector_index index;
  for (std::uint64_t id = 1; id <= 1000; ++id) REQUIRE(index.put(id, random_unit(random, 100)).has_value());
  REQUIRE(index.memory_bytes() > 1000 * 500);
  REQUIRE(index.memory_bytes() < 1000 * 800);
  index.clear();
  REQUIRE(index.size() == 0);
  REQUIRE(index.memory_bytes() < 1000);
  REQUIRE(index.put(1, std::vector<float>{0, 1}).has_value());
  REQUIRE(index.similarity(1, std::vector<float>{0, 1}) == std::optional<float>(1.0f));
  REQUIRE_FALSE(index.similarity(2, std::vector<float>{0, 1}));
}
