#include "runtime/system_config.hpp"

#include "runtime/messages/all.hpp"

#include <caf/atom.hpp>
#include <caf/io/middleman.hpp>

#include <algorithm>
#include <cstdint>
#include <thread>

namespace troupe {

system_config::system_config(scheduling how) {
  troupe::add_message_types(*this);
  const auto cores = std::max(1u, std::thread::hardware_concurrency());
  set("scheduler.policy", how == scheduling::stepped ? caf::atom("testing") : caf::atom("sharing"));
  set("scheduler.max-threads", static_cast<std::int64_t>(cores));
  set("scheduler.max-throughput", static_cast<std::int64_t>(50));
  set("logger.verbosity", caf::atom("quiet"));
}

system_config& system_config::with_middleman() {
  load<caf::io::middleman>();
  return *this;
}

}  // namespace troupe
