#include "tools/mcp/catalogue.hpp"

namespace troupe::mcp {
namespace {

using namespace troupe::tools;

constexpr std::size_t longest_description = 8192;
constexpr std::size_t largest_schema = 256 * 1024;

}  // namespace

void catalogue::add(json_array page) {
  for (auto each : page)
    if (!take(each)) ++left_out_;
}

bool catalogue::take(json_element tool) {
  const auto remote_name = text_member(tool, "name").value_or("");
  if (is_full() || remote_name.empty() || remote_name.size() > 1024) return false;
  listed_tool made;
  made.remote_name = remote_name;
  const auto schema = member(tool, "inputSchema");
  if (schema && !schema->is_object()) return false;
  if (schema) {
    made.spec.schema = json_text(*schema);
    if (made.spec.schema.size() > largest_schema) return false;
    if (check_mirrored_) {
      auto mirrored = mirrored_parameters(*schema);
      if (!mirrored) return false;
      made.mirrored = std::move(*mirrored);
    }
  }
  const auto title = text_member(tool, "title").value_or("");
  made.spec.description = shortened(text_member(tool, "description").value_or(title), longest_description);
  made.spec.name = names_.add((prefix_.empty() ? "" : prefix_ + "__") + made.remote_name);
  by_name_[made.spec.name] = tools_.size();
  tools_.push_back(std::move(made));
  return true;
}

const listed_tool* catalogue::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tools_[found->second];
}

}  // namespace troupe::mcp
