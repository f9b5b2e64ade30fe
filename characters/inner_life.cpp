#include "characters/inner_life.hpp"

#include "characters/json_parts.hpp"
#include "characters/life_state.hpp"
#include "characters/neurochemistry.hpp"

#include <utility>

namespace troupe::characters {

inner_life::inner_life(definition who, std::int64_t now_us) : state_(std::make_unique<state>()) {
  state_->who = std::move(who);
  state_->created_us = now_us;
  state_->talk.began_us = now_us;
  state_->begin_as_defined(now_us);
}

inner_life::~inner_life() = default;
inner_life::inner_life(inner_life&&) noexcept = default;
inner_life& inner_life::operator=(inner_life&&) noexcept = default;
inner_life::inner_life(const inner_life& other) : state_(std::make_unique<state>(*other.state_)) {}
inner_life& inner_life::operator=(const inner_life& other) {
  if (this != &other) state_ = std::make_unique<state>(*other.state_);
  return *this;
}

const definition& inner_life::who() const {
  return state_->who;
}

void inner_life::adopt(definition who) {
  state_->goals.adopt(array_at(state_->who.config, "initial_goals"), array_at(who.config, "initial_goals"));
  state_->who = std::move(who);
}

bool inner_life::reunite(std::int64_t now_us) {
  const double hours = static_cast<double>(now_us - state_->updated_us) / 3600e6;
  if (hours < 1) return false;
  rest(state_->now, hours);
  state_->feeling.refresh(state_->now);
  // The absence is accounted for: the next turn's decay begins here.
  state_->decayed_us = now_us;
  state_->updated_us = now_us;
  return true;
}

void inner_life::reset(bool preserve_memories, std::int64_t now_us) {
  state_->open_turn = 0;
  state_->begin_as_defined(now_us);
  const std::string stage = std::exchange(state_->talk, {}).stage;
  state_->talk.began_us = now_us;
  if (preserve_memories) {
    state_->talk.stage = stage;
    return;
  }
  state_->history.clear();
  state_->searches.clear();
  state_->knowledge.clear();
  state_->interaction_count = 0;
  state_->average_confidence = 0.5;
}

}  // namespace troupe::characters
