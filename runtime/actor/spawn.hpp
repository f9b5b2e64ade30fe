#pragma once

/// \file
/// The one way to start an actor: with a cell in the registry, a bound and,
/// outside of tests, a thread of its own if it needs one (DESIGN §5, §10).
///
/// Thread safety: any thread; from inside an actor too.

#include "runtime/actor/inspected.hpp"

#include <caf/actor_system.hpp>
#include <caf/spawn_options.hpp>

#include <string>
#include <utility>

namespace troupe {

struct spawn_spec {
  std::string label = {};   ///< tells it from others of its role; never users' content
  std::string parent = {};  ///< `cell().id` of the actor it belongs to
  std::size_t mailbox_bound = 10000;
  bool detached = false;  ///< a thread of its own; ignored when the node is deterministic
  restart_limit restarts = {};
};

/// The setup of an actor of this role that is about to be made.
actor_setup make_setup(node_services& node, std::string role, const spawn_spec& spec);

/// Name of an inspected class: `role_name()` if it has one.
template <class Role>
std::string role_name_of() {
  if constexpr (requires { std::string(Role::role_name()); })
    return Role::role_name();
  else
    return "actor";
}

/// Starts an actor of class `Role` (a `role<...>`, or a class on top of
/// `inspected<...>` that takes `actor_config&`, `actor_setup` and `args`).
template <class Role, class... Args>
caf::infer_handle_from_class_t<Role> spawn(node_services& node, spawn_spec spec, Args&&... args) {
  auto setup = make_setup(node, role_name_of<Role>(), spec);
  setup.cell->object_bytes = sizeof(Role);
  if (spec.detached && !node.deterministic)
    return node.system.spawn<Role, caf::detached>(std::move(setup), std::forward<Args>(args)...);
  return node.system.spawn<Role>(std::move(setup), std::forward<Args>(args)...);
}

}  // namespace troupe
