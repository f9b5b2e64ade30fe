#include "models/offline_embedder.hpp"
#include "storage/recall_index.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

using namespace troupe;

namespace {

void add(storage::recall_index& index, const models::offline_embedder& embedder, const std::string& text) {
  memory_record record;
  record.id = index.size() + 1;
  record.text = text;
  record.embedding = embedder.embed(text).value();
  REQUIRE(index.put(std::move(record)).has_value());
}

struct tally {
  int asked = 0;
  int found = 0;
  double share() const { return static_cast<double>(found) / asked; }
};

}  // namespace

TEST_CASE("recall finds the fact behind a question among 1,000 others as often as it was measured to") {
  const auto owner = std::make_shared<const models::offline_embedder>();
  const models::offline_embedder& embedder = *owner;
  storage::recall_index index({}, owner);
  std::ifstream distractors(TROUPE_DATA "/recall/distractors.txt");
  for (std::string line; std::getline(distractors, line);) add(index, embedder, line);
  REQUIRE(index.size() == 1000);
  std::vector<std::vector<std::string>> pairs;
  std::ifstream file(TROUPE_DATA "/recall/pairs.tsv");
  for (std::string line; std::getline(file, line);) {
    if (line[0] == '#') continue;
    std::vector<std::string> columns;
    std::istringstream in(line);
    for (std::string column; std::getline(in, column, '\t');) columns.push_back(column);
    REQUIRE(columns.size() == 4);
    add(index, embedder, columns[1]);
    pairs.push_back(columns);
  }
  tally none, some;
  for (const auto& pair : pairs) {
    if (pair[0] != "test") continue;
    tally& part = pair[3] == "some" ? some : none;
    ++part.asked;
    for (const auto& hit : index.recall(pair[2], embedder.embed(pair[2]).value(), {}, 0))
      part.found += hit.record.text == pair[1];
  }
  REQUIRE(none.asked + some.asked >= 40);
  INFO("without a shared word " << none.share() << ", with one " << some.share());
  CHECK(some.share() >= 0.95);
  CHECK(none.share() >= 0.47);
}
