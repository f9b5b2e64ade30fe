#include "actors/keeper.hpp"

#include "runtime/actor/tell.hpp"

#include <caf/all.hpp>

namespace troupe {
namespace {

failure shutting_down() {
  return {failure_kind::unavailable, "the server is shutting down"};
}

}  // namespace

keeper_actor::behavior_type keeper_state::start(keeper_deps deps) {
  deps_ = std::move(deps);
  self_->set_down_handler([this](caf::down_msg& message) { ended(message); });
  return {
      [this](const keeper_open& message) { return open(message); },
      [this](const keeper_drain& message) { return drain_all(message); },
      [this](const keeper_release& message) {
        if (auto sender = self_->current_sender()) release(message.id, sender->address());
      },
      [this](const sleep_request& message) { sleep_asked(message.id); },
      [this](const sleep_refused& message) { awake_again(message.id); },
  };
}

caf::result<keeper_opened> keeper_state::open(const keeper_open& message) {
  if (deps_.table->draining) return to_error(shutting_down());
  auto holder = self_->current_sender();
  if (!holder) return to_error({failure_kind::invalid, "keeper_open needs a sender to lease to"});
  auto& entries = deps_.table->entries;
  auto found = entries.find(message.id);
  auto& target = found == entries.end() ? wake(message.id) : found->second;
  if (!target.dozing) return lease(message.id, target, holder);
  auto promise = self_->make_response_promise<keeper_opened>();
  target.waiting.push_back({holder, pending_answer<keeper_opened>(promise)});
  return promise;
}

keeper_state::entry& keeper_state::wake(const std::string& id) {
  // First, since what throws here must not leave an entry without an actor.
  auto handle = deps_.wake(id, caf::actor_cast<caf::actor>(self_));
  auto& target = deps_.table->entries[id];
  target.handle = std::move(handle);
  target.dozing = false;
  deps_.table->ids[target.handle.address()] = id;
  self_->monitor(target.handle);
  ++deps_.table->woken;
  return target;
}

keeper_opened keeper_state::lease(const std::string& id, entry& target, const caf::strong_actor_ptr& holder) {
  const auto address = holder->address();
  ++target.leases[address];
  auto [known, is_new] = deps_.table->holders.try_emplace(address);
  known->second[id] = true;
  if (is_new) self_->monitor(address);
  return {id, target.handle};
}

/// The holder has no lease of this id any more.
void keeper_state::unlease(const std::string& id, const caf::actor_addr& holder) {
  auto& holders = deps_.table->holders;
  auto known = holders.find(holder);
  if (known == holders.end()) return;
  known->second.erase(id);
  if (!known->second.empty()) return;
  self_->demonitor(holder);
  holders.erase(known);
}

void keeper_state::release(const std::string& id, const caf::actor_addr& holder) {
  auto found = deps_.table->entries.find(id);
  if (found == deps_.table->entries.end()) return;
  auto held = found->second.leases.find(holder);
  if (held == found->second.leases.end() || --held->second > 0) return;
  found->second.leases.erase(held);
  if (found->second.leases.empty()) tell(self_, found->second.handle, idle_check{0});
  unlease(id, holder);
}

void keeper_state::sleep_asked(const std::string& id) {
  auto found = deps_.table->entries.find(id);
  // A sleeper that may not sleep asks again when it has been idle once more.
  if (found == deps_.table->entries.end() || found->second.dozing || !found->second.leases.empty()) return;
  found->second.dozing = true;
  tell(self_, found->second.handle, sleep_now{});
}

void keeper_state::awake_again(const std::string& id) {
  auto found = deps_.table->entries.find(id);
  if (found == deps_.table->entries.end() || !found->second.dozing) return;
  found->second.dozing = false;
  answer_waiting(id, found->second);
}

void keeper_state::answer_waiting(const std::string& id, entry& target) {
  auto waiting = std::move(target.waiting);
  target.waiting.clear();
  for (auto& open : waiting) open.answer.deliver(lease(id, target, open.holder));
}

void keeper_state::ended(const caf::down_msg& message) {
  auto sleeper = deps_.table->ids.find(message.source);
  if (sleeper == deps_.table->ids.end()) return holder_ended(message.source);
  const auto id = std::move(sleeper->second);
  deps_.table->ids.erase(sleeper);
  sleeper_ended(id);
}

void keeper_state::sleeper_ended(const std::string& id) {
  auto old = std::move(deps_.table->entries.extract(id).mapped());
  for (auto& [holder, count] : old.leases) unlease(id, holder);
  if (old.waiting.empty()) return;
  if (deps_.table->draining) {
    for (auto& open : old.waiting) open.answer.fail(shutting_down());
    return;
  }
  auto& target = wake(id);
  target.waiting = std::move(old.waiting);
  answer_waiting(id, target);
}

void keeper_state::holder_ended(const caf::actor_addr& holder) {
  auto node = deps_.table->holders.extract(holder);
  if (node.empty()) return;
  for (auto& [id, unused] : node.mapped())
    if (auto found = deps_.table->entries.find(id); found != deps_.table->entries.end()) {
      auto& leases = found->second.leases;
      if (leases.erase(holder) != 0 && leases.empty()) tell(self_, found->second.handle, idle_check{0});
    }
}

caf::result<keeper_drained> keeper_state::drain_all(const keeper_drain& message) {
  deps_.table->draining = true;
  auto promise = self_->make_response_promise<keeper_drained>();
  struct progress {
    pending_answer<keeper_drained> answer;
    std::size_t left;
    std::uint64_t count;
    void one_done() {
      if (--left == 0) answer.deliver({count});
    }
  };
  auto& entries = deps_.table->entries;
  auto going =
      std::make_shared<progress>(progress{pending_answer<keeper_drained>(promise), entries.size() + 1, entries.size()});
  for (auto& [id, target] : entries)
    self_->request<caf::message_priority::high>(target.handle, caf::infinite, drain{message.grace_ms})
        .then([going](const drained&) { going->one_done(); }, [going](caf::error&) { going->one_done(); });
  going->one_done();  // counted too, so that an empty keeper answers at once
  return promise;
}

std::string keeper_state::to_json() const {
  if (!deps_.table) return "{}";
  std::size_t dozing = 0;
  for (auto& [id, target] : deps_.table->entries) dozing += target.dozing;
  return "{\"kind\":\"" + deps_.kind + "\",\"awake\":" + std::to_string(deps_.table->entries.size())
         + ",\"dozing\":" + std::to_string(dozing) + ",\"woken\":" + std::to_string(deps_.table->woken)
         + ",\"holders\":" + std::to_string(deps_.table->holders.size()) + "}";
}

}  // namespace troupe
