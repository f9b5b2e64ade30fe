#include "models/tools_text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace troupe::models {

std::string tools_text::add_to(const boost::json::object& body, const std::vector<tool_spec>& tools) const {
  auto out = boost::json::serialize(body);
  if (tools.empty()) return out;
  out.back() = ',';
  return out.append("\"tools\":").append(*text_of(tools)).append("}");
}

tools_text::text tools_text::text_of(const std::vector<tool_spec>& tools) const {
  {
    const std::lock_guard lock(lock_);
    const auto found = std::find_if(known_.begin(), known_.end(), [&](auto& each) { return each.first == tools; });
    if (found != known_.end()) {
      std::rotate(known_.begin(), found, found + 1);
      return known_.front().second;
    }
  }
  auto made = std::make_shared<const std::string>(write_(tools));
  const std::lock_guard lock(lock_);
  known_.emplace_front(tools, made);
  if (known_.size() > most_sets) known_.pop_back();
  return made;
}

}  // namespace troupe::models
