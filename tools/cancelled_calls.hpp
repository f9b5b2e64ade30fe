#pragma once

#include "runtime/messages/tool.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace troupe::tools {

/// The last few cancels. A cancel is urgent and may overtake the `tool_start`
/// it is about (DESIGN §4 "Stop"): who takes starts refuses the late one.
///
/// Bounded: the oldest of 32 is forgotten. Cost: a scan.
class cancelled_calls {
 public:
  void remember(const tool_cancel& message) {
    if (message.ref.turn == 0) return;
    entries_[next_] = {message.ref.turn, message.id};
    next_ = (next_ + 1) % entries_.size();
  }
  bool contains(std::uint64_t turn, const std::string& id) const {
    for (auto& each : entries_)
      if (turn != 0 && each.turn == turn && (each.id.empty() || each.id == id)) return true;
    return false;
  }

 private:
  struct entry {
    std::uint64_t turn = 0;
    std::string id;  ///< empty: the whole turn
  };
  std::array<entry, 32> entries_{};
  std::size_t next_ = 0;
};

}  // namespace troupe::tools
