#pragma once

#include "runtime/failure.hpp"
#include "runtime/messages/journal.hpp"

#include <functional>
#include <span>

namespace troupe {

/// Where a journal's batches go besides its own disk (DESIGN §11). The
/// journal acknowledges after its sync and after `done`.
///
/// Thread safety: `replicate` is called from the journal's thread; `done` may
/// be called from any thread, once.
class replication_port {
 public:
  virtual ~replication_port() = default;
  virtual void replicate(std::uint64_t batch, std::span<const write_op> ops, std::function<void(failure)> done) = 0;
};

}  // namespace troupe
