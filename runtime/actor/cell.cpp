#include "runtime/actor/cell.hpp"

#include <caf/actor_system.hpp>
#include <caf/uniform_type_info_map.hpp>

namespace troupe {

std::string actor_cell::last_message(const caf::actor_system& system) const {
  const auto number = last_type_number.load(std::memory_order_relaxed);
  const auto* type = last_type.load(std::memory_order_relaxed);
  if (number != 0) return system.types().portable_name(number, nullptr);
  return type ? system.types().portable_name(0, type) : std::string();
}

}  // namespace troupe
