#include "runtime/actor/spawn.hpp"

namespace troupe {

actor_setup make_setup(node_services& node, std::string role, const spawn_spec& spec) {
  auto cell = std::make_shared<actor_cell>();
  cell->role = std::move(role);
  cell->label = spec.label;
  cell->parent = spec.parent;
  cell->mailbox_bound = spec.mailbox_bound;
  return {&node, std::move(cell), spec.restarts};
}

}  // namespace troupe
