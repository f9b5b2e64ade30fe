#include "net/dialects/character/character_binding.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"

namespace troupe::character_dialect {
namespace {

constexpr int attempts = 3;

}  // namespace

void connection_state::handle(init_request& asked) {
  // Before anybody looks for a file: an id is also part of a path, and those of private ones are nobody's to name.
  if (!is_character_id(asked.character_id))
    return fail({error_code::not_found,
                 "character_id: must be 1 to 64 letters, digits, '-', '_' or '.', and not begin with a dot"});
  auto reply = [this](character_attached& state) { succeed(init_body(state.name, state.info)); };
  const bool is_private = !asked.config.empty();
  if (!is_private && bound_ && bound_->keeper_id == asked.character_id && bound_->handle) {
    current_->asked = true;
    return request<character_attached>(bound_->handle, character_attach{me(), {}}, reply);
  }
  binding target{asked.character_id, asked.character_id, asked.config, {}};
  if (is_private)
    target.keeper_id = std::string(private_character_prefix) + deps_.node->random.uuid() + "/" + asked.character_id;
  enter<character_attached>(std::move(target), character_attach{me(), asked.config}, attempts, reply);
}

void connection_state::handle(chat_request& asked) {
  with_character([this, text = std::move(asked.text), context = std::move(asked.context)] {
    if (current_->stopped) return fail({error_code::cancelled, "the reply was stopped"});
    ++turns_begun_;
    current_->ref = {0, deps_.node->random.number(), deps_.node->clock.monotonic_ns()};
    begin_trace(current_->ref);
    ask(character_say{current_->ref, text, context});
  });
}

void connection_state::handle(status_request& asked) {
  with_character([this, asked] { ask(character_status{asked.vitals, asked.history, asked.performance}); });
}

void connection_state::handle(save_request& asked) {
  with_character([this, name = std::move(asked.filename)] { ask(character_save{name}); });
}

void connection_state::handle(reset_request& asked) {
  with_character([this, asked] { ask(character_reset{asked.preserve_memories}); });
}

void connection_state::handle(search_request& asked) {
  with_character([this, asked = std::move(asked)] { ask(character_search{asked.query, asked.limit}); });
}

/// The file says whose it is; it may be another character than this one.
void connection_state::handle(load_request& asked) {
  request<save_found>(caf::actor_cast<caf::actor>(deps_.library), save_read{std::move(asked.filename)},
                      [this](save_found& found) { restore(found); });
}

void connection_state::restore(save_found& found) {
  if (!is_character_id(found.character_id))
    return fail({error_code::invalid_message, "the file names a character_id that cannot be one"});
  if (bound_ && bound_->id == found.character_id)
    return with_character([this, text = std::move(found.text)] { ask(character_restore{text, me()}); });
  enter<character_answer>({found.character_id, found.character_id, {}, {}},
                          character_restore{std::move(found.text), me()}, attempts,
                          [this](character_answer& answer) { succeed(answer.body); });
}

void connection_state::handle(ping_request&) {
  succeed(ping_body(deps_.node->clock.wall_ms() * 1000));
}

void connection_state::handle(subscribe_request& asked) {
  auto take_over = [this, on = asked.enabled] {
    subscribed_ = on;
    if (bound_) subscribe();
    succeed(subscribe_body(bound_ ? bound_->id : std::string()));
  };
  if (!bound_) return take_over();
  with_character(std::move(take_over));
}

/// A turn is one trace, or a part of the upgrade's.
void connection_state::begin_trace(turn_ref& ref) {
  const auto context = deps_.trace ? *deps_.trace : trace_context::make(deps_.node->random);
  ref.trace = context.low;
  if (auto* traces = self_->node().traces)
    traces->begin({ref.turn, context, bound_->id, deps_.client_id, "character", deps_.principal, self_->cell().number});
}

/// Of a turn that found no character any more; else the character has noted it.
void connection_state::end_trace(const failure& why) {
  auto* traces = self_->node().traces;
  if (traces != nullptr && current_ && current_->ref.turn != 0)
    traces->end(current_->ref.turn, why.kind == failure_kind::cancelled ? event_kind::cancelled : event_kind::failed,
                why.kind);
}

}  // namespace troupe::character_dialect
