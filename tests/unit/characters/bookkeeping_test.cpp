#include "characters/bookkeeping.hpp"
#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using troupe::local_timestamp;
using namespace troupe::characters::test;

TEST_CASE("the relationship's stage grows with the turns") {
  CHECK(stage_of(1) == "first_meeting");
  CHECK(stage_of(2) == "getting_acquainted");
  CHECK(stage_of(5) == "getting_acquainted");
  CHECK(stage_of(6) == "building_rapport");
  CHECK(stage_of(15) == "building_rapport");
  CHECK(stage_of(16) == "established_relationship");
  CHECK(stage_of(50) == "established_relationship");
  CHECK(stage_of(51) == "deep_connection");
}

TEST_CASE("the topic is the first of which a word occurs") {
  for (const char* text : {"programming", "decode it", "software", "development"})
    CHECK(topic_of(text) == "technology");
  for (const char* text : {"feelings", "emotional", "mood", "unhappy", "sad", "angry"})
    CHECK(topic_of(text) == "emotions");
  for (const char* text : {"goal", "planet", "future", "dream", "ambition"})
    CHECK(topic_of(text) == "goals_and_aspirations");
  for (const char* text : {"learn", "teacher", "explain", "misunderstand"}) CHECK(topic_of(text) == "learning");
  for (const char* text : {"friend", "relationship", "family", "glove"}) CHECK(topic_of(text) == "relationships");
  CHECK(topic_of("the tide") == "general_conversation");
  CHECK(topic_of("") == "general_conversation");
  CHECK(topic_of("i love to learn code") == "technology");
  CHECK(topic_of("i love to learn") == "learning");
}

TEST_CASE("trust follows the pleasant and the unpleasant words of both sides") {
  relationship bond;
  relate(bond, "That is wonderful", "It is, and I am not worried", true);  // 1 : 1
  CHECK(bond.last_quality == "neutral");
  CHECK(bond.trust == 0.5);
  relate(bond, "Great", "Good", true);
  CHECK(bond.last_quality == "positive");
  CHECK(rounded(bond.trust) == 0.55);
  relate(bond, "I hate it.", "Aye.", false);
  CHECK(bond.last_quality == "negative");
  CHECK(rounded(bond.trust) == 0.52);
  CHECK(bond.interactions == 3);
  CHECK(bond.shared_experiences == 2);
  CHECK(rounded(bond.connection) == 0.0312);  // 3 / 50 * 0.52
}

TEST_CASE("words within others are not pleasant or unpleasant") {
  relationship bond;
  relate(bond, "Whatever the badge, goodness, loveless", "sadly", false);
  CHECK(bond.last_quality == "neutral");
  relate(bond, "GOOD, he said", "", false);
  CHECK(bond.last_quality == "positive");
}

TEST_CASE("trust stays within 0 and 1, and the connection has its bound") {
  relationship bond;
  for (int turn = 0; turn < 60; ++turn) relate(bond, "good", "", false);
  CHECK(bond.trust == 1);
  CHECK(bond.connection == 1);
  for (int turn = 0; turn < 60; ++turn) relate(bond, "bad", "", false);
  CHECK(bond.trust == 0);
  CHECK(bond.connection == 0);
}

TEST_CASE("tones are counted, and the most frequent one dominates") {
  life_state life;
  keep_books(life, "calm", "");
  CHECK(life.dominant_tone == "calm");
  keep_books(life, "happy", "i need a plan");
  CHECK(life.dominant_tone == "calm");  // of equals the one that was first
  keep_books(life, "happy", "unwanted");
  CHECK(life.dominant_tone == "happy");
  keep_books(life, "calm", "the tide");
  CHECK(life.tone_history == parsed(R"({"calm": 2, "happy": 2})"));
  CHECK(life.goals.related_interactions == 2);
}

TEST_CASE("a goal that has been reached becomes a completed one") {
  goal_lists goals;
  goals.active = {parsed(R"({"goal_id": "a", "description": "sail", "progress": 1})"),
                  parsed(R"({"goal_id": "b", "description": "rest", "progress": 0.99})"),
                  parsed(R"({"goal_id": "c", "description": "eat"})")};
  goals.complete(noon);
  REQUIRE(goals.active.size() == 2);
  CHECK(text_in(goals.active[0].as_object(), "goal_id") == "b");
  REQUIRE(goals.completed.size() == 1);
  CHECK(text_in(goals.completed[0].as_object(), "completed_at") == local_timestamp(noon));
}

TEST_CASE("goals take over what a changed file says and keep what has been reached") {
  goal_lists goals;
  goals.active = {parsed(R"({"goal_id": "a", "description": "sail", "priority": 5, "progress": 0.5})"),
                  parsed(R"({"goal_id": "b", "description": "rest", "progress": 0.5})"),
                  parsed(R"({"goal_id": "c", "description": "eat"})"),
                  parsed(R"({"goal_id": "own", "description": "found on the way"})")};
  goals.completed = {parsed(R"({"goal_id": "d", "description": "done"})")};
  const boost::json::array before = {parsed(R"({"goal_id": "a"})"), parsed(R"({"goal_id": "b"})"),
                                     parsed(R"({"goal_id": "c"})"), parsed(R"({"goal_id": "d"})")};
  goals.adopt(before, {parsed(R"({"goal_id": "a", "description": "sail", "priority": 9, "progress": 0})"),
                       parsed(R"({"goal_id": "b", "description": "sleep", "progress": 0})"),
                       parsed(R"({"goal_id": "d", "description": "done"})"),
                       parsed(R"({"goal_id": "e", "description": "new"})")});
  CHECK(goals.active
        == boost::json::array{parsed(R"({"goal_id": "own", "description": "found on the way"})"),
                              parsed(R"({"goal_id": "a", "description": "sail", "priority": 9, "progress": 0.5})"),
                              parsed(R"({"goal_id": "b", "description": "sleep", "progress": 0})"),
                              parsed(R"({"goal_id": "e", "description": "new"})")});
}

TEST_CASE("clients leave their own keys in the context, within bounds") {
  conversation talk;
  talk.merge(parsed(R"({"debug_mode": true, "topic": "knots", "interaction_count": 99, "conversation_start": "never",
                        "relationship_stage": 7})"));
  CHECK(talk.topic == "knots");
  CHECK(talk.stage == "first_meeting");
  CHECK(talk.added == parsed(R"({"debug_mode": true})"));
  boost::json::object large = {{"large", std::string(largest_context, 'x')}, {"small", 1}};
  talk.merge(large);
  CHECK(talk.added == parsed(R"({"debug_mode": true, "small": 1})"));
  boost::json::object many;
  for (int i = 0; i < 200; ++i) many["key" + std::to_string(i)] = i;
  talk.merge(many);
  CHECK(talk.added.size() == most_context_keys);
}
