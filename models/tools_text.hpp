#pragma once

/// \file
/// The tools of a request as JSON text. A set of tools goes out with every call
/// and is most of a short request's bytes, but there are few sets: a client's,
/// or none, with the server's own. So each is written once and kept.
///
/// Thread safety: any thread. Bounds: the last `most_sets` sets. Cost: a
/// comparison of the tools, or their writing the first time.

#include "runtime/messages/chat.hpp"

#include <boost/json/object.hpp>

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace troupe::models {

class tools_text {
 public:
  /// `write` makes a JSON value of tools.
  using writer = std::string (*)(const std::vector<tool_spec>& tools);
  explicit tools_text(writer write) : write_(write) {}

  /// `body`, which is not empty and has no member `tools`, as text; with that
  /// member at its end unless there are no tools.
  std::string add_to(const boost::json::object& body, const std::vector<tool_spec>& tools) const;

 private:
  static constexpr std::size_t most_sets = 16;
  using text = std::shared_ptr<const std::string>;
  text text_of(const std::vector<tool_spec>& tools) const;

  const writer write_;
  mutable std::mutex lock_;
  mutable std::deque<std::pair<std::vector<tool_spec>, text>> known_;  ///< the last used first
};

}  // namespace troupe::models
