#pragma once

/// \file
/// `troupe memory` as a service: one call in, one JSON document out. The
/// server's control socket and the commands on a stopped store share it.
///
/// Thread safety: `run` from any thread; `done` is called once, from an
/// actor's thread. Cost: one short-lived actor a call.

#include "runtime/failure.hpp"
#include "runtime/node_services.hpp"

#include <caf/actor.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace troupe::cli {

enum class memory_verb : std::uint8_t { add, recall, list, forget };

struct memory_call {
  memory_verb verb = memory_verb::list;
  std::string space;
  std::string text;         ///< add: what to remember; recall: what to ask
  std::uint32_t k = 5;      ///< recall: 1 to 100; list: 1 to 1000
  std::uint64_t id = 0;     ///< forget: which
  bool all = false;         ///< forget: everything
  float importance = 0.5f;  ///< add
};

/// The call as the control socket carries it.
std::string to_json(const memory_call& call);
/// Errors: `invalid`, naming field and rule.
expected<memory_call> parse_memory_call(std::string_view json);

/// `done` gets the answer as JSON, or the failure.
void run_memory_call(node_services& node, const caf::actor& keeper, const memory_call& call,
                     std::function<void(expected<std::string>)> done);

}  // namespace troupe::cli
