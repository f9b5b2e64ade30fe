#include "net/dialects/character/character_binding.hpp"

#include "runtime/log.hpp"

namespace troupe::character_dialect {
namespace {

constexpr int attempts = 3;

}  // namespace

void connection_state::with_character(std::function<void()> then) {
  if (!bound_) return fail({error_code::no_character, "No character is loaded: send an init_request first"});
  if (bound_->handle) return then();
  enter<character_attached>(*bound_, character_attach{me(), bound_->config}, attempts,
                            [then = std::move(then)](character_attached&) { then(); });
}

void connection_state::adopt() {
  if (bound_) leave(*bound_);
  bound_ = std::move(*opening_);
  opening_.reset();
  self_->cell().linked.store(bound_->handle.id(), std::memory_order_relaxed);
  log::debug("character_entered", {{"client", deps_.client_id}, {"character", bound_->id}});
  if (subscribed_) subscribe();
}

void connection_state::drop_opening() {
  leave(*opening_);
  opening_.reset();
}

/// Out of its company, and back goes the lease.
void connection_state::leave(binding& from) {
  if (!from.handle) return;
  self_->demonitor(from.handle);
  if (subscribed_) tell(self_, from.handle, character_subscribe{me(), false});
  tell(self_, from.handle, character_detach{me()});
  tell(self_, deps_.characters, keeper_release{from.keeper_id});
  from.handle = nullptr;
}

/// The next request opens it again.
void connection_state::lost(const caf::actor_addr& who) {
  if (!bound_ || !bound_->handle || bound_->handle.address() != who) return;
  bound_->handle = nullptr;
  self_->cell().linked.store(0, std::memory_order_relaxed);
  tell(self_, deps_.characters, keeper_release{bound_->keeper_id});
  if (!current_ || !current_->asked) return;
  const failure why{failure_kind::interrupted,
                    "the character was interrupted by a fault; it goes on with your next message"};
  end_trace(why);
  fail(failure_of(why));
}

void connection_state::subscribe() {
  tell(self_, bound_->handle, character_subscribe{me(), subscribed_});
}

caf::actor connection_state::me() const {
  return caf::actor_cast<caf::actor>(self_);
}

}  // namespace troupe::character_dialect
