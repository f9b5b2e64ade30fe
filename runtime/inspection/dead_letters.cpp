#include "runtime/inspection/dead_letters.hpp"

#include "runtime/actor/cell.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>

namespace troupe::dead_letters {
namespace {

constexpr std::size_t kept = 200;

std::atomic<std::uint64_t> count{0};
std::mutex mutex;
std::deque<letter> letters;  // guarded by mutex

std::int64_t wall_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

const char* to_string(kind value) noexcept {
  switch (value) {
    case kind::ended: return "ended";
    case kind::shed: return "shed";
    case kind::unexpected: return "unexpected";
    case kind::stray_error: return "stray_error";
  }
  return "unknown";
}

void note(kind why, const actor_cell& receiver, caf::rtti_pair type, std::uint64_t sender) noexcept {
  count.fetch_add(1, std::memory_order_relaxed);
  try {
    letter one{wall_ms(), why, receiver.id, receiver.role, type, sender};
    std::lock_guard guard(mutex);
    letters.push_front(std::move(one));
    if (letters.size() > kept) letters.pop_back();
  } catch (...) {  // it is counted; without memory it cannot be kept
  }
}

std::uint64_t total() noexcept {
  return count.load(std::memory_order_relaxed);
}

std::vector<letter> recent() {
  std::lock_guard guard(mutex);
  return {letters.begin(), letters.end()};
}

}  // namespace troupe::dead_letters
