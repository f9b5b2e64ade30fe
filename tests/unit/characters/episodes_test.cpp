#include "characters/episodes.hpp"
#include "characters/md5.hpp"
#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using troupe::local_timestamp;
using namespace troupe::characters::test;

TEST_CASE("MD5 gives the digests of RFC 1321") {
  CHECK(md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(md5_hex("a") == "0cc175b9c0f1b6a831c399e269772661");
  CHECK(md5_hex("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
  CHECK(md5_hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890")
        == "57edf4a22be3c955ac49da2e2107b67a");
}

TEST_CASE("an experience is named by character and time") {
  // printf %s 'harbor-pilot_2031-04-02T09:16:04.509000' | md5sum
  CHECK(experience_id("harbor-pilot", "2031-04-02T09:16:04.509000") == "exp_1a402d3f8c8f");
}

TEST_CASE("a turn becomes a memory by confidence, tone or words") {
  CHECK_FALSE(is_memorable("calm", 0.6, "the tide"));
  CHECK(is_memorable("calm", 0.61, "the tide"));
  for (const char* tone : {"excited", "anxious", "happy", "frustrated", "sad"}) CHECK(is_memorable(tone, 0.3, ""));
  for (const char* text :
       {"so?", "learn", "teach", "explain", "how", "why", "what", "thanks", "friend", "love", "hate", "appreciate"})
    CHECK(is_memorable("uncertain", 0.3, text));
}

TEST_CASE("a memory's valence weighs its words against its length") {
  CHECK(valence_of("", "") == 0);
  CHECK(valence_of("good", "") == 1);
  CHECK(valence_of("good great", "bad") == 1);  // (2 - 1) / max(0.3, 1)
  CHECK(valence_of("awful horrible", "good") == -1);
  CHECK(valence_of("good, great, wonderful", "") == 1);
  // 2 pleasant among 40 words: 2 / 4
  std::string filler;
  for (int i = 0; i < 38; ++i) filler += "tide ";
  CHECK(valence_of("happy", "amazing " + filler) == 0.5);
}

TEST_CASE("a memory's intensity comes from length and strong words") {
  CHECK(intensity_of("", "") == 0.1);
  // 250 characters: 0.5 / 2
  CHECK(rounded(intensity_of(std::string(200, 'x'), std::string(50, 'x'))) == 0.25);
  // 100 characters and "really", "very", "!": (0.2 + 0.3) / 2
  CHECK(rounded(intensity_of("Really very! VERY!" + std::string(82, 'x'), "")) == 0.25);
  // all nine: (1 + 0.9) / 2
  const std::string strong = "very extremely really absolutely incredibly ! ? amazing terrible ";
  CHECK(rounded(intensity_of(strong, std::string(500, 'x'))) == 0.95);
  CHECK(rounded(intensity_of("ä" + std::string(249, 'x'), "")) == 0.25);  // characters, not bytes
}

TEST_CASE("a memory holds both sides and what a search shows of it") {
  const episode made = remembered(
      {"harbor-pilot", "Ines Calloway", "How do\nyou read the tide?", "By the kelp.", "curious", "calm", "learning"},
      noon);
  CHECK(made.text == "User said: \"How do you read the tide?\" Ines Calloway answered: \"By the kelp.\"");
  // 25 + 12 characters and "?": (37/500 + 0.1) / 2 = 0.087, which is below the least
  CHECK(rounded(made.importance) == 0.1);
  CHECK(made.experience_id == experience_id("harbor-pilot", local_timestamp(noon)));
  const auto entry = memory_entry(made.text, 0.71, made.metadata);
  CHECK(entry.size() == 6);
  CHECK(text_in(entry, "experience_id") == made.experience_id);
  CHECK(text_in(entry, "timestamp") == local_timestamp(noon));
  CHECK(text_in(entry, "description") == made.text);
  CHECK(text_in(entry, "emotional_state") == "calm");
  CHECK(number_in(entry, "similarity") == 0.71);
  CHECK(entry.at("metadata").as_object()
        == parsed(R"({"experience_type": "conversation", "participants": ["user", "harbor-pilot"],
                      "valence": 0.0, "intensity": 0.1, "tags": ["learning", "curious"]})"));
}

TEST_CASE("a memory of another making still shows all that a search must") {
  const auto entry = memory_entry("likes tea", 1.5, {{"colour", "green"}, {"valence", "unknown"}});
  for (const char* key : {"experience_id", "timestamp", "description", "emotional_state"})
    CHECK(entry.at(key).is_string());
  CHECK(number_in(entry, "similarity") == 1);
  CHECK(entry.at("metadata").as_object() == parsed(R"({"colour": "green", "valence": "unknown"})"));
}
