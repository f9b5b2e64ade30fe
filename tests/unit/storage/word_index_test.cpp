#include "storage/word_index.hpp"
#include "storage/word_index_text.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace troupe::storage;

namespace {

/// Luna contract 10.1, word for word and independent of the index.
bool plain_match(const std::string& text, const std::string& query) {
  const auto lower = [](std::string s) {
    for (char& c : s)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return s;
  };
  const std::string haystack = lower(text);
  std::string term;
  for (char c : lower(query) + " ") {
    if (c != ' ' && c != '\t' && c != '\n') {
      term += c;
    } else if (!term.empty()) {
      if (haystack.find(term) != std::string::npos) return true;
      term.clear();
    }
  }
  return false;
}

std::string random_text(std::mt19937_64& random, std::size_t longest) {
  static const std::string letters = "aaabbcdeE  \t.?-Zz9";
  std::string text;
  for (std::size_t length = random() % longest; text.size() < length;) text += letters[random() % letters.size()];
  return text;
}

std::vector<std::uint64_t> ids_of(const std::vector<word_hit>& hits) {
  std::vector<std::uint64_t> ids;
  for (const auto& hit : hits) ids.push_back(hit.id);
  return ids;
}

}  // namespace

TEST_CASE("matches finds exactly what a plain substring scan finds, through adds, replacements and removals") {
  std::mt19937_64 random(11);
  for (int round = 0; round < 40; ++round) {
    word_index index;
    std::map<std::uint64_t, std::string> all;
    for (int step = 0; step < 300; ++step) {
      const std::uint64_t id = 1 + random() % 150;
      if (random() % 4 == 0) {
        REQUIRE(index.remove(id) == (all.erase(id) == 1));
      } else {
        all[id] = random_text(random, 40);
        index.put(id, all[id]);
      }
      if (step % 6 != 0) continue;
      const std::string query = random_text(random, 14);
      std::vector<std::uint64_t> expected;
      for (const auto& [key, text] : all) {
        if (plain_match(text, query)) expected.push_back(key);
        REQUIRE(index.matches(key, query) == plain_match(text, query));
      }
      INFO("query: " << query);
      REQUIRE(index.matches(query) == expected);
    }
    REQUIRE(index.size() == all.size());
  }
}

TEST_CASE("matches stays exact where a run of bytes is common enough to be kept as bits") {
  std::mt19937_64 random(12);
  word_index index;
  std::map<std::uint64_t, std::string> all;
  for (std::uint64_t id = 1; id <= 3000; ++id) {
    all[id] = "my favourite " + random_text(random, 30);
    index.put(id, all[id]);
  }
  for (std::uint64_t id = 5; id <= 3000; id += 7) {
    index.remove(id);
    all.erase(id);
  }
  for (const std::string query : {"favourite", "FAV", "y", "rite a", "ab", "zzz", "de.", "e", "b?c"}) {
    std::vector<std::uint64_t> expected;
    for (const auto& [id, text] : all)
      if (plain_match(text, query)) expected.push_back(id);
    INFO(query);
    REQUIRE(index.matches(query) == expected);
  }
}

TEST_CASE("a term keeps its punctuation and bytes, however short") {
  word_index index;
  index.put(1, "Is this C++? Yes.");
  index.put(2, "Ångström lives in ÖREBRO");
  index.put(3, "\xff\xc3 broken bytes");
  REQUIRE(index.matches("c++?") == std::vector<std::uint64_t>{1});
  REQUIRE(index.matches("+") == std::vector<std::uint64_t>{1});
  REQUIRE(index.matches("ångSTRÖM") == std::vector<std::uint64_t>{2});
  REQUIRE(index.matches("örebro?").empty());
  REQUIRE(index.matches("\xff") == std::vector<std::uint64_t>{3});
  REQUIRE(index.matches("  \t\n").empty());
  REQUIRE(index.matches("").empty());
}

TEST_CASE("case folds in Latin, Greek and Cyrillic and leaves the rest alone") {
  REQUIRE(fold_case("ÀÉÎÕÜÞ ×÷ßÿ") == "àéîõüþ ×÷ßÿ");
  REQUIRE(fold_case("ŁÓDŹ ŠKODA ŽIŽEK ĞIİ") == "łódź škoda žižek ğiİ");
  REQUIRE(fold_case("ΑΘΗΝΑ МОСКВА ЁЖ") == "αθηνα москва ёж");
  REQUIRE(fold_case("日本 \xc3") == "日本 \xc3");
}

TEST_CASE("a rarer word, a whole word and another inflection rank as they should") {
  word_index index;
  index.put(1, "The cat sat near the house");
  index.put(2, "A house by the sea");
  index.put(3, "The house has a greenhouse");
  index.put(4, "Puppies are sold in the warehouse");
  REQUIRE(ids_of(index.rank("cat house", 10)).front() == 1);
  const auto hits = index.rank("house", 10);
  REQUIRE(ids_of(hits) == std::vector<std::uint64_t>{3, 2, 1, 4});
  REQUIRE(hits[3].score < hits[2].score);
  REQUIRE(ids_of(index.rank("my puppy", 10)) == std::vector<std::uint64_t>{4});
  REQUIRE(ids_of(index.rank("house", 10, [](auto id) { return id == 2; })) == std::vector<std::uint64_t>{2});
  REQUIRE(index.rank("house", 2).size() == 2);
}

TEST_CASE("function words match but do not rank") {
  word_index index;
  index.put(1, "the dog is in the garden");
  REQUIRE(index.rank("where is the", 10).empty());
  REQUIRE(index.matches("where is the") == std::vector<std::uint64_t>{1});
}

TEST_CASE("ranking again gives the same answer: no score is left over") {
  word_index index;
  for (std::uint64_t id = 1; id <= 50; ++id) index.put(id, id % 2 ? "red apple" : "green pear");
  const auto first = index.rank("apple", 10);
  index.rank("pear green", 10);
  REQUIRE(index.rank("apple", 10) == first);
  index.clear();
  REQUIRE(index.rank("apple", 10).empty());
}

TEST_CASE("postings hold what a set holds, as list and as bits") {
  std::mt19937_64 random(4);
  postings list;
  std::set<std::uint32_t> set;
  for (int step = 0; step < 6000; ++step) {
    const auto row = static_cast<std::uint32_t>(random() % 1500);
    if (random() % 4) {
      list.add(row);
      set.insert(row);
    } else {
      list.remove(row);
      set.erase(row);
    }
    REQUIRE(list.size() == set.size());
    REQUIRE(list.contains(row) == set.contains(row));
  }
  std::vector<std::uint32_t> rows;
  list.for_each([&](std::uint32_t row) { rows.push_back(row); });
  REQUIRE(rows == std::vector<std::uint32_t>(set.begin(), set.end()));
}
