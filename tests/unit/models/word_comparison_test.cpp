#include "models/code_product.hpp"
#include "models/offline_embedder.hpp"
#include "models/question_words.hpp"
#include "models/words.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace troupe;
using models::offline_embedder;

namespace {

const offline_embedder& offline() {
  static const offline_embedder instance;
  return instance;
}

float score(std::string_view question, std::string_view text) {
  const auto comparison = offline().compare(question);
  REQUIRE(comparison);
  return comparison->score(offline().terms(text));
}

}  // namespace

TEST_CASE("products of codes agree with a plain loop at every length and alignment") {
  std::vector<std::int8_t> a(140), b(140);
  for (int i = 0; i < 140; ++i) {
    a[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i * 37 % 255 - 127);
    b[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(i * 91 % 255 - 127);
  }
  for (std::size_t begin = 0; begin < 3; ++begin)
    for (std::size_t size = 0; size <= 130; ++size) {
      std::int32_t sum = 0;
      for (std::size_t i = begin; i < begin + size; ++i) sum += a[i] * b[i];
      CHECK(models::code_product(std::span(a).subspan(begin, size), std::span(b).subspan(begin, size)) == sum);
    }
}

TEST_CASE("a word's cosine is the one its vectors give without what all words share") {
  const auto& table = models::word_table::instance();
  const models::word_space space(table, 6);
  const auto vector = [&](const char* word) {
    std::vector<float> sum(space.dimensions(), 0.0f);
    space.add(table.rank(word).value(), 1, sum);
    space.remove_shared(sum);
    models::normalise(sum);
    return sum;
  };
  for (const char* other : {"dog", "wallet", "lisbon", "the"}) {
    const auto a = vector("beagle");
    const auto b = vector(other);
    float expected = 0;
    for (std::size_t i = 0; i < a.size(); ++i) expected += a[i] * b[i];
    CHECK(std::fabs(models::word_space::cosine(space.prepare(a), space.look_up(table.rank(other).value())) - expected)
          < 0.01f);
  }
}

TEST_CASE("terms are the words that carry a subject, each once") {
  CHECK(offline().terms("The cat and the cat's hat").size() == 2);
  CHECK(offline().terms("What is it?").empty());
  CHECK(offline().terms("qzvxk qzvxk").size() == 1);
  CHECK(offline().terms("").empty());
}

TEST_CASE("a question without words of its own compares with nothing") {
  CHECK_FALSE(offline().compare(""));
  CHECK_FALSE(offline().compare("is it the"));
}

TEST_CASE("the same words score highest, related ones more than others") {
  CHECK(score("wallet tram Vienna", "wallet tram Vienna") > 0.99f);
  CHECK(score("qzvxk", "qzvxk") == 1.0f);
  CHECK(score("qzvxk", "my old wallet") == 0.0f);
  CHECK(score("What happened to my purse?", "I lost my wallet on the tram.")
        > score("What happened to my purse?", "We painted the attic green."));
  CHECK(score("kitten", "") == 0.0f);
}

TEST_CASE("a question for a time, a place or an amount is closer to a text that has one") {
  CHECK(score("When is the plumber coming?", "The plumber comes on Friday.")
        > score("When is the plumber coming?", "The plumber comes by bicycle."));
  CHECK(score("Where is the plumber?", "The plumber went to Berlin.")
        > score("Where is the plumber?", "The plumber went too fast."));
  CHECK_FALSE(models::words_of_answers(models::split_words("how many hens")).empty());
  CHECK(models::words_of_answers(models::split_words("I like hens")).empty());
  const auto words = models::split_words("how old is the old dog");
  CHECK(models::belongs_to_asking(words, 1));
  CHECK_FALSE(models::belongs_to_asking(words, 4));
}

TEST_CASE("a long question and a long text are compared within limits") {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "word" + std::to_string(i) + " ";
  CHECK(offline().terms(text).size() == 64);
  CHECK(score(text, text) <= 1.0f);
}
