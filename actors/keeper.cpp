#include "actors/keeper.hpp"

#include "runtime/actor/tell.hpp"

#include <caf/all.hpp>

#include <memory>

namespace troupe {

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
  if (draining_) return to_error({failure_kind::unavailable, "the server is shutting down"});
  auto holder = self_->current_sender();
  if (!holder) return to_error({failure_kind::invalid, "keeper_open needs a sender to lease to"});
  auto found = entries_.find(message.id);
  auto& target = found == entries_.end() ? wake(message.id) : found->second;
  if (!target.dozing) return lease(message.id, target, holder);
  auto promise = self_->make_response_promise<keeper_opened>();
  target.waiting.push_back({holder, promise});
  return promise;
}

keeper_state::entry& keeper_state::wake(const std::string& id) {
  auto& target = entries_[id];
  target.handle = deps_.wake(id, caf::actor_cast<caf::actor>(self_));
  target.dozing = false;
  ids_[target.handle.address()] = id;
  self_->monitor(target.handle);
  ++woken_;
  return target;
}

keeper_opened keeper_state::lease(const std::string& id, entry& target, const caf::strong_actor_ptr& holder) {
  const auto address = holder->address();
  ++target.leases[address];
  auto [known, is_new] = holders_.try_emplace(address);
  known->second[id] = true;
  if (is_new) self_->monitor(address);
  return {id, target.handle};
}

void keeper_state::release(const std::string& id, const caf::actor_addr& holder) {
  auto found = entries_.find(id);
  if (found == entries_.end()) return;
  auto held = found->second.leases.find(holder);
  if (held == found->second.leases.end() || --held->second > 0) return;
  found->second.leases.erase(held);
  if (found->second.leases.empty()) tell(self_, found->second.handle, idle_check{0});
  auto known = holders_.find(holder);
  if (known == holders_.end()) return;
  known->second.erase(id);
  if (known->second.empty()) {
    self_->demonitor(holder);
    holders_.erase(known);
  }
}

void keeper_state::sleep_asked(const std::string& id) {
  auto found = entries_.find(id);
  // A sleeper that may not sleep asks again when it has been idle once more.
  if (found == entries_.end() || found->second.dozing || !found->second.leases.empty()) return;
  found->second.dozing = true;
  tell(self_, found->second.handle, sleep_now{});
}

void keeper_state::awake_again(const std::string& id) {
  auto found = entries_.find(id);
  if (found == entries_.end() || !found->second.dozing) return;
  found->second.dozing = false;
  answer_waiting(id, found->second);
}

void keeper_state::answer_waiting(const std::string& id, entry& target) {
  auto waiting = std::move(target.waiting);
  target.waiting.clear();
  for (auto& open : waiting) open.promise.deliver(lease(id, target, open.holder));
}

void keeper_state::ended(const caf::down_msg& message) {
  if (auto sleeper = ids_.find(message.source); sleeper != ids_.end()) {
    const auto id = sleeper->second;
    ids_.erase(sleeper);
    auto node = entries_.extract(id);
    auto& old = node.mapped();
    for (auto& [holder, count] : old.leases)
      if (auto known = holders_.find(holder); known != holders_.end()) known->second.erase(id);
    if (old.waiting.empty()) return;
    if (draining_) {
      for (auto& open : old.waiting)
        open.promise.deliver(to_error({failure_kind::unavailable, "the server is shutting down"}));
      return;
    }
    auto& target = wake(id);
    target.waiting = std::move(old.waiting);
    answer_waiting(id, target);
    return;
  }
  if (auto holder = holders_.find(message.source); holder != holders_.end()) {
    for (auto& [id, unused] : holder->second)
      if (auto found = entries_.find(id); found != entries_.end()) {
        auto& leases = found->second.leases;
        if (leases.erase(message.source) != 0 && leases.empty()) tell(self_, found->second.handle, idle_check{0});
      }
    holders_.erase(holder);
  }
}

caf::result<keeper_drained> keeper_state::drain_all(const keeper_drain& message) {
  draining_ = true;
  auto promise = self_->make_response_promise<keeper_drained>();
  auto left = std::make_shared<std::size_t>(entries_.size());
  const auto count = static_cast<std::uint64_t>(*left);
  if (count == 0) {
    promise.deliver(keeper_drained{0});
    return promise;
  }
  auto one_done = [promise, left, count]() mutable {
    if (--*left == 0) promise.deliver(keeper_drained{count});
  };
  for (auto& [id, target] : entries_)
    self_->request<caf::message_priority::high>(target.handle, caf::infinite, drain{message.grace_ms})
        .then([one_done](const drained&) mutable { one_done(); },
              [one_done](caf::error&) mutable { one_done(); });
  return promise;
}

std::string keeper_state::to_json() const {
  std::size_t dozing = 0;
  for (auto& [id, target] : entries_) dozing += target.dozing;
  return "{\"kind\":\"" + deps_.kind + "\",\"awake\":" + std::to_string(entries_.size())
         + ",\"dozing\":" + std::to_string(dozing) + ",\"woken\":" + std::to_string(woken_)
         + ",\"holders\":" + std::to_string(holders_.size()) + "}";
}

}  // namespace troupe
