#include "characters/bookkeeping.hpp"
#include "characters/episodes.hpp"
#include "characters/inner_life.hpp"
#include "characters/life_state.hpp"
#include "characters/neurochemistry.hpp"
#include "characters/prompt.hpp"
#include "characters/reply_shaping.hpp"
#include "characters/reports.hpp"
#include "characters/synthesis.hpp"
#include "characters/texts.hpp"

#include <boost/json/value.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace troupe::characters {
namespace json = boost::json;
namespace {

/// How a turn came out.
struct ending {
  std::string reply;
  std::string tone;
  double confidence = 0;
  std::string thinking_style;
  double load = 0;
  std::size_t raw_length = 0;
  bool failed = false;
  std::string_view why;
};

const turn_plan::synthesis& made_from(const turn_plan& plan) {
  if (!plan.made_from) throw std::logic_error("a turn ends that begin_turn did not begin");
  return *plan.made_from;
}

json::object response_metadata(const life_state& life, const turn_plan& plan, const ending& end, std::int64_t now_us) {
  const auto& made = made_from(plan);
  json::object metadata = {{"character_id", life.who.id},
                           {"timestamp", local_timestamp(now_us)},
                           {"emotional_tone", end.tone},
                           {"confidence_level", end.confidence},
                           {"agent_count", specialist_count},
                           {"conflicts_resolved", made.conflicts},
                           {"cognitive_load", end.load},
                           {"response_strategy", made.how.object()},
                           {"generation_temperature", plan.temperature},
                           {"max_tokens_used", plan.max_tokens}};
  if (end.failed) {
    metadata["fallback"] = true;
    metadata["error"] = end.why;
  }
  return metadata;
}

json::object generation_info(const turn_plan& plan, const ending& end) {
  json::object info = {{"prompt_length", made_from(plan).prompt_length},
                       {"raw_response_length", end.raw_length},
                       {"processed_response_length", length_of(end.reply)},
                       {"generation_params", {{"temperature", plan.temperature}, {"max_tokens", plan.max_tokens}}}};
  if (end.failed) {
    info["fallback_used"] = true;
    info["error_message"] = end.why;
  }
  return info;
}

/// The answer's fields, of a life that has taken the turn in already.
json::object body_of(const life_state& life, const turn_plan& plan, const ending& end, double seconds,
                     std::int64_t now_us) {
  const auto& made = made_from(plan);
  return {
      {"response_text", end.reply},
      {"character_insights",
       {{"emotional_tone", end.tone},
        {"confidence_level", end.confidence},
        {"thinking_style", end.thinking_style},
        {"cognitive_load", end.load}}},
      {"response_metadata", response_metadata(life, plan, end, now_us)},
      {"generation_info", generation_info(plan, end)},
      {"orchestration_summary",
       {{"agent_count", specialist_count}, {"conflicts_resolved", made.conflicts}, {"primary_agent", made.primary}}},
      {"cognitive_summary",
       {{"thinking_style", end.thinking_style},
        {"cognitive_load", end.load},
        {"response_strategy", made.how.approach}}},
      {"character_state_summary",
       {{"dominant_hormone", dominant_level(life.now)},
        {"mood_state", life.feeling.word},
        {"interaction_count", life.interaction_count},
        {"average_confidence", life.average_confidence}}},
      {"performance_info",
       {{"response_time_seconds", seconds},
        {"total_responses", life.performance.responses},
        {"average_response_time", life.performance.average_time()}}}};
}

/// Contract 7.2, steps 5 and 6.
turn_outcome take_in(life_state& life, const turn_plan& plan, ending end, std::int64_t now_us) {
  const auto& made = made_from(plan);
  const std::string lower = lowered(made.message);
  life.open_turn = 0;
  react(life.now, end.tone, end.confidence, lower, life.who.sensitivity);
  decay(life.now, life.decayed_us, now_us);
  life.feeling.follow(life.now, life.who.emotional_volatility, end.tone, end.confidence);
  keep_books(life, end.tone, lower);
  life.goals.complete(now_us);
  const double count = static_cast<double>(std::max<std::int64_t>(1, life.interaction_count));
  life.average_confidence += (end.confidence - life.average_confidence) / count;  // of one turn: its own

  turn_outcome outcome;
  const bool formed = is_memorable(end.tone, end.confidence, lower);
  relate(life.bond, made.message, end.reply, formed);
  if (formed)
    outcome.memory = remembered(
        {life.who.id, life.who.name, made.message, end.reply, end.tone, life.feeling.word, life.talk.topic}, now_us);
  life.remember(true, end.reply, now_us);
  life.updated_us = now_us;

  const double seconds = static_cast<double>(std::max<std::int64_t>(0, now_us - plan.began_us)) / 1e6;
  ++life.performance.responses;
  life.performance.response_time += seconds;
  ++(end.failed ? life.performance.failed : life.performance.successful);
  if (formed) ++life.performance.memories;
  outcome.body = body_of(life, plan, end, seconds, now_us);
  outcome.reply = std::move(end.reply);
  return outcome;
}

}  // namespace

turn_plan inner_life::begin_turn(std::string_view message, const json::object* context,
                                 const std::vector<recollection>& recalled, std::int64_t now_us) {
  life_state& life = *state_;
  turn_plan plan;
  for (const history_entry& each : life.history) plan.history.push_back({each.by_character, each.text});
  const conversation talk_before = life.talk;
  ++life.interaction_count;
  life.talk.stage = stage_of(life.interaction_count);
  life.talk.topic = topic_of(lowered(message));
  if (context) life.talk.merge(*context);
  auto forgotten = life.remember(false, message, now_us);

  auto made = std::make_shared<turn_plan::synthesis>(synthesise(life, message, recalled));
  made->talk_before = talk_before;
  made->forgotten = std::move(forgotten);
  made->turn = ++life.turns_begun;
  life.open_turn = made->turn;
  plan.system = system_prompt(life, *made, recalled);
  // Some models refuse an empty message.
  plan.prompt = one_line(message).empty() ? "(says nothing)" : std::string(message);
  plan.temperature = temperature_for(*made);
  plan.max_tokens = token_limit_for(*made);
  plan.began_us = now_us;
  made->prompt_length = length_of(plan.system) + length_of(plan.prompt);
  for (const spoken& each : plan.history) made->prompt_length += length_of(each.text);
  plan.made_from = std::move(made);
  return plan;
}

turn_outcome inner_life::end_turn(const turn_plan& plan, std::string_view raw_answer, std::int64_t now_us) {
  const auto& made = made_from(plan);
  std::string reply = cleaned_up(raw_answer, state_->who, made.how.complexity);
  if (reply.empty()) return fall_back(plan, "the language model's answer has no words for the user", now_us);
  return take_in(*state_, plan,
                 {std::move(reply), made.tone, made.confidence, made.thinking_style, made.load, length_of(raw_answer)},
                 now_us);
}

turn_outcome inner_life::fall_back(const turn_plan& plan, std::string_view why, std::int64_t now_us) {
  const auto& made = made_from(plan);
  return take_in(*state_, plan,
                 {stock_line(state_->who, made.message), "uncertain", 0.3, "confused", 1.0, 0, true, why}, now_us);
}

void inner_life::abandon_turn(const turn_plan& plan) {
  const auto& made = made_from(plan);
  life_state& life = *state_;
  if (life.open_turn != made.turn) return;  // a reset or another turn came between: there is nothing to put back
  life.open_turn = 0;
  --life.interaction_count;
  life.talk = made.talk_before;
  life.history.pop_back();
  if (made.forgotten) life.history.push_front(*made.forgotten);
}

}  // namespace troupe::characters
