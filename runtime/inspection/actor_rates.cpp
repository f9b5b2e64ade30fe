#include "runtime/inspection/actor_rates.hpp"

#include <algorithm>

namespace troupe {
namespace {

constexpr std::int64_t second = 1'000'000'000;

}  // namespace

void actor_rates::tick(std::int64_t now_ns, const std::vector<actor_registry::entry>& actors) {
  if (last_tick_ns_ != 0 && now_ns - last_tick_ns_ < second * 9 / 10) return;
  const auto elapsed = last_tick_ns_ == 0 ? 0 : now_ns - last_tick_ns_;
  last_tick_ns_ = now_ns;
  ++tick_;
  std::uint64_t handled_since = 0;
  for (const auto& each : actors) {
    const auto& cell = *each.cell;
    auto& known = actors_[cell.number];
    const sample now{now_ns, cell.handled.load(std::memory_order_relaxed),
                     cell.handling_ns.load(std::memory_order_relaxed)};
    if (known.ticks > 0) handled_since += now.handled - known.last_handled;
    if (known.ticks == 0 || now.handled != known.last_handled) known.changed_at = now_ns;
    known.last_handled = now.handled;
    known.seconds[known.ticks % known.seconds.size()] = now;
    if (known.ticks % 10 == 0) known.tens[known.ticks / 10 % known.tens.size()] = now;
    ++known.ticks;
    known.seen = tick_;
  }
  std::erase_if(actors_, [this](const auto& one) { return one.second.seen != tick_; });
  total_rate_ = elapsed == 0 ? 0 : static_cast<double>(handled_since) * second / static_cast<double>(elapsed);
}

void actor_rates::clear() {
  actors_.clear();
  last_tick_ns_ = 0;
  total_rate_ = 0;
}

actor_rates::rate actor_rates::of(const actor_cell& cell, std::int64_t now_ns, unsigned window) const {
  const auto found = actors_.find(cell.number);
  if (found == actors_.end()) return {};
  const auto& known = found->second;
  const auto from = now_ns - static_cast<std::int64_t>(window) * second;
  // Most actors have nothing to do, and most of the cost is to look at their samples.
  if (known.changed_at < from - second && cell.handled.load(std::memory_order_relaxed) == known.last_handled
      && cell.busy_since_ns.load(std::memory_order_relaxed) == 0)
    return {};
  // The sample nearest to the window's beginning; half a second belongs to it still.
  const sample* oldest = nullptr;
  const auto look = [&](const auto& ring, std::uint64_t filled) {
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(filled, ring.size()); ++i)
      if (ring[i].at >= from - second / 2 && (oldest == nullptr || ring[i].at < oldest->at)) oldest = &ring[i];
  };
  look(known.seconds, known.ticks);
  if (window > 10) look(known.tens, (known.ticks + 9) / 10);
  if (oldest == nullptr || now_ns <= oldest->at) return {};
  const auto span = static_cast<double>(now_ns - oldest->at);
  const auto messages = cell.handled.load(std::memory_order_relaxed) - oldest->handled;
  // A handler that has not ended yet is busy too.
  const auto busy_since = cell.busy_since_ns.load(std::memory_order_relaxed);
  const auto running = busy_since == 0 ? 0 : now_ns - std::max(busy_since, oldest->at);
  const auto busy = cell.handling_ns.load(std::memory_order_relaxed) - oldest->handling_ns + running;
  return {static_cast<double>(messages) * second / span, std::clamp(static_cast<double>(busy) / span, 0.0, 1.0)};
}

}  // namespace troupe
