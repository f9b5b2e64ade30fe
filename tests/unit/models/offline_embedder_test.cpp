#include "models/offline_embedder.hpp"

#include "models/words.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <thread>

using namespace troupe::models;

namespace {

const offline_embedder& embedder() {
  static const offline_embedder instance;
  return instance;
}

float cosine(const std::string& a, const std::string& b) {
  const auto x = embedder().embed(a).value();
  const auto y = embedder().embed(b).value();
  float sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

float length(const std::vector<float>& vector) {
  float square = 0;
  for (float value : vector) square += value * value;
  return std::sqrt(square);
}

}  // namespace

TEST_CASE("the word table is part of the binary and complete") {
  const word_table& table = word_table::instance();
  REQUIRE(table.size() == 50000);
  REQUIRE(table.dimensions() == 100);
  REQUIRE(table.rank("the") == std::optional<std::uint32_t>(0));
  for (std::uint32_t rank = 0; rank < table.size(); rank += 97) REQUIRE(table.rank(table.word(rank)) == rank);
  REQUIRE_FALSE(table.rank("qqxzzy"));
  REQUIRE_FALSE(table.rank(""));
  std::vector<float> dog(100);
  table.add(*table.rank("dog"), 1, dog);
  REQUIRE(length(dog) == Approx(1).margin(0.01));
}

TEST_CASE("a table that does not follow its format is refused") {
  const std::string header("GLV8\x01\0\0\0\x02\0\0\0", 12);
  const std::string entry(
      "\x01"
      "a\0\0\x80\x3f\x01\x02",
      8);
  REQUIRE(word_table(header + entry).rank("a") == std::optional<std::uint32_t>(0));
  REQUIRE_THROWS(word_table(header));
  REQUIRE_THROWS(word_table(header + entry.substr(0, 7)));
  REQUIRE_THROWS(word_table("GLV9" + header.substr(4) + entry));
  REQUIRE_THROWS(word_table(""));
}

TEST_CASE("text becomes a unit vector, text without words the zero vector") {
  for (const std::string text : {"dog", "My dog is ill.", "Zzyzx Qwfpg", "日本語", "the", "don't", "3 apples"}) {
    const auto vector = embedder().embed(text).value();
    REQUIRE(vector.size() == 100);
    INFO(text);
    if (text != "the" && text != "don't") REQUIRE(length(vector) == Approx(1).margin(1e-4));
  }
  for (const std::string text : {"", " .,!?", "\n\t"}) REQUIRE(length(embedder().embed(text).value()) == 0);
  REQUIRE(embedder().embed("a small boat").value() == embedder().embed("a small boat").value());
  REQUIRE(embedder().immediate());
}

TEST_CASE("related texts are closer than unrelated ones") {
  REQUIRE(cosine("my dog is ill", "the puppy needs a vet") > cosine("my dog is ill", "the meeting about taxes") + 0.2f);
  REQUIRE(cosine("I play the piano", "a musician with a violin")
          > cosine("I play the piano", "bread from the oven") + 0.2f);
}

TEST_CASE("inflections, possessives, hyphens and unknown words find themselves") {
  REQUIRE(cosine("beagle", "Beagle's") == Approx(1));
  REQUIRE(cosine("rabbit-garden", "rabbit garden") == Approx(1));
  REQUIRE(cosine("Zyxwvix", "zyxwvix") == Approx(1));
  REQUIRE(cosine("Zyxwvix", "Zyxwvixes") > 0.4f);
  REQUIRE(std::fabs(cosine("Zyxwvix", "Qqbrumflak")) < 0.4f);
}

TEST_CASE("words are split without harming characters") {
  REQUIRE(split_words("Clara’s dog—Rex's “best” friend; 3.5 km")
          == std::vector<std::string>{"clara", "dog", "rex", "best", "friend", "3", "5", "km"});
  REQUIRE(split_words("don't well-known -x 'y' Ünal")
          == std::vector<std::string>{"don't", "well-known", "x", "y", "Ünal"});
  REQUIRE(split_words("").empty());
  REQUIRE(is_function_word("the"));
  REQUIRE_FALSE(is_function_word("dog"));
}

TEST_CASE("many threads may embed at once, also the first time") {
  std::vector<std::thread> threads;
  std::vector<std::vector<float>> vectors(4);
  for (auto& vector : vectors)
    threads.emplace_back([&vector] { vector = offline_embedder().embed("a garden in spring").value(); });
  for (auto& thread : threads) thread.join();
  for (const auto& vector : vectors) REQUIRE(vector == vectors.front());
}
