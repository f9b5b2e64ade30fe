// DESIGN §4.6: a call that was begun is never begun again, one that has finished
// is never repeated, wherever between two steps the server is killed. Who counts
// the calls is outside the server. Every point is met twice: the program is
// killed (what it gave the kernel stays), and the power is cut (what it did not
// sync is gone).

#include "stage.hpp"

using namespace troupe::test;

namespace {

struct named_point {
  const char* name;
  kill_at where;     ///< or
  hold at;           ///< the model or the tool holds back its answer
  const char* mark;  ///< of `where`, or what has been noted when `at` is reached
  std::size_t runs;
  known after_kill;
  known after_power_cut;
};

constexpr const char* begun = R"("arguments":{"ticket":"A1"})";
constexpr const char* finished = R"("content":"paid for A1")";
constexpr const char* reply = "That is the whole reply.";

const std::vector<named_point> points{
    {"the model has asked for the call, its answer has not ended", kill_at::never, hold::asking, "asking", 0,
     known::nothing, known::nothing},
    {"before the begin is written", kill_at::before_write, hold::nowhere, begun, 0, known::nothing, known::nothing},
    {"the begin is written, not synced", kill_at::before_sync, hold::nowhere, begun, 0, known::begun, known::nothing},
    {"the begin is durable, nobody knows it", kill_at::after_sync, hold::nowhere, begun, 0, known::begun, known::begun},
    {"before the call is sent to the tool", kill_at::before_send, hold::nowhere, begun, 0, known::begun, known::begun},
    {"the tool is running", kill_at::never, hold::tool, "runs A1", 1, known::begun, known::begun},
    {"the tool has answered, nothing is written", kill_at::before_write, hold::nowhere, finished, 1, known::begun,
     known::begun},
    {"the result is written, not synced", kill_at::before_sync, hold::nowhere, finished, 1, known::finished,
     known::begun},
    {"the result is durable, nobody knows it", kill_at::after_sync, hold::nowhere, finished, 1, known::finished,
     known::finished},
    {"the model has the result and has said nothing", kill_at::never, hold::second_round, "second round", 1,
     known::finished, known::finished},
    {"the model is speaking", kill_at::never, hold::speaking, "speaking", 1, known::finished, known::finished},
    {"before the turn's end is written", kill_at::before_write, hold::nowhere, reply, 1, known::finished,
     known::finished},
    {"the turn's end is written, not synced", kill_at::before_sync, hold::nowhere, reply, 1, known::replied,
     known::finished},
    {"the turn's end is durable, nobody knows it", kill_at::after_sync, hold::nowhere, reply, 1, known::replied,
     known::replied},
};

std::string over_http(const shop& around) {
  return "url = \"" + around.tool_url() + "\"\n";
}

void meet(const named_point& here, bool power_cut) {
  shop around(here.at, {"A1"});
  kill_stage stage(around, over_http(around));
  stage.begin("Spend A1");
  if (here.where != kill_at::never) stage.point().arm(here.where, here.mark);
  around.go().open();
  if (here.where == kill_at::never) {
    REQUIRE(around.seen().wait(here.mark));
    if (here.at == hold::speaking) CHECK(type_of(stage.client().next()) == "chunk");
    stage.server().crash();
  } else {
    stage.wait_for_kill();
  }
  CHECK(around.runs("A1") == here.runs);
  stage.restart(power_cut);
  check_after(stage, around, power_cut ? here.after_power_cut : here.after_kill);
  CHECK(around.runs("A1") == here.runs);
}

}  // namespace

TEST_CASE(
    "killed at any point around a tool call, the server neither repeats it nor forgets that it may have happened") {
  for (const auto& here : points)
    for (const bool power_cut : {false, true}) {
      CAPTURE(here.name, power_cut);
      meet(here, power_cut);
    }
}

TEST_CASE("of two calls side by side one is known to have finished and the other may have happened") {
  for (const bool power_cut : {false, true}) {
    CAPTURE(power_cut);
    shop around(hold::tool, {"B2"});
    kill_stage stage(around, over_http(around));
    stage.begin("Spend B1 B2");
    stage.point().arm(kill_at::after_sync, R"("content":"paid for B1")");
    around.go().open();
    stage.wait_for_kill();
    stage.restart(power_cut);
    CHECK(stage.resume() == "user tool_begun tool_begun tool_finished interrupted");
    CHECK(stage.client().say("Go on.") == "Fine.");
    const auto asked = around.last_asked();
    CAPTURE(asked);
    CHECK(asked.find(R"(pay({"ticket":"B1"}): finished: paid for B1)") != std::string::npos);
    CHECK(asked.find(R"(pay({"ticket":"B2"}): outcome unknown, it may have happened)") != std::string::npos);
    CHECK(around.runs("B1") == 1);
    CHECK(around.runs("B2") <= 1);
  }
}

TEST_CASE("without a kill the call is run once and the reply comes") {
  shop around;
  kill_stage stage(around, over_http(around));
  stage.begin("Spend A1");
  around.go().open();
  const auto answer = stage.client().read_answer();
  CHECK(answer.complete());
  CHECK(answer.text == whole_reply);
  stage.server().crash();
  stage.start_again();
  check_after(stage, around, known::replied);
  CHECK(around.runs("A1") == 1);
}
