#include "storage/recall_index.hpp"
#include "support/catch.hpp"

using namespace troupe;
using storage::recall_index;

namespace {

/// Its only word is the first letter; a question finds the letter after its own.
class next_letter final : public embedder {
 public:
  class comparison final : public word_comparison {
   public:
    explicit comparison(std::uint32_t letter) : letter_(letter) {}
    float score(std::span<const std::uint32_t> terms) const override {
      return !terms.empty() && terms.front() == letter_ + 1 ? 1.0f : 0.0f;
    }

   private:
    std::uint32_t letter_;
  };

  std::string id() const override { return "next letter"; }
  std::size_t dimensions() const override { return 2; }
  expected<std::vector<float>> embed(std::string_view) const override { return std::vector<float>{1, 0}; }
  bool immediate() const override { return true; }
  std::vector<std::uint32_t> terms(std::string_view text) const override {
    return {static_cast<unsigned char>(text.at(0))};
  }
  std::unique_ptr<const word_comparison> compare(std::string_view question) const override {
    if (question.empty()) return nullptr;
    return std::make_unique<comparison>(static_cast<unsigned char>(question[0]));
  }
};

void put(recall_index& index, std::uint64_t id, const std::string& text, std::vector<float> vector) {
  memory_record record;
  record.id = id;
  record.text = text;
  record.embedding = std::move(vector);
  REQUIRE(index.put(std::move(record)).has_value());
}

}  // namespace

TEST_CASE("a comparison word by word outranks the vectors") {
  recall_index index({}, std::make_shared<next_letter>());
  put(index, 1, "bbb", {0.6f, 0.8f});
  put(index, 2, "xxx", {1, 0});
  const auto hits = index.recall("a??", std::vector<float>{1, 0}, {}, 0);
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].record.id == 1);
}

TEST_CASE("what words find needs no similar vector, and what neither finds is left out") {
  recall_index index({}, std::make_shared<next_letter>());
  put(index, 1, "bbb", {0, 1});
  put(index, 2, "xxx", {0, 1});
  const auto hits = index.recall("a??", std::vector<float>{1, 0}, {}, 0);
  REQUIRE(hits.size() == 1);
  CHECK(hits[0].record.id == 1);
}

TEST_CASE("a replaced record is compared by its new words") {
  recall_index index({}, std::make_shared<next_letter>());
  put(index, 1, "bbb", {0, 1});
  put(index, 1, "ccc", {0, 1});
  CHECK(index.recall("a??", std::vector<float>{1, 0}, {}, 0).empty());
  CHECK(index.recall("b??", std::vector<float>{1, 0}, {}, 0).size() == 1);
}
