#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace troupe {

/// The last few ids that were cancelled. A stop is urgent and may overtake the
/// message that opens what it stops (DESIGN §4 "Stop"); whoever takes opens
/// keeps such a list and refuses the late one.
///
/// Bounded: the oldest of 16 is forgotten. Cost: a scan of 128 bytes.
class recent_ids {
 public:
  void remember(std::uint64_t id) {
    if (id == 0 || contains(id)) return;
    ids_[next_] = id;
    next_ = (next_ + 1) % ids_.size();
  }
  bool contains(std::uint64_t id) const { return id != 0 && std::find(ids_.begin(), ids_.end(), id) != ids_.end(); }

 private:
  std::array<std::uint64_t, 16> ids_{};
  std::size_t next_ = 0;
};

}  // namespace troupe
