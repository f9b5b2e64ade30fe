#pragma once

/// \file
/// Names of tools as every model provider takes them: 1 to 64 of
/// a-z A-Z 0-9 _ - (chat.hpp), unique in a list.
///
/// Thread safety: pure; `unique_names` is a value. Cost: linear in the name.

#include <string>
#include <string_view>
#include <unordered_set>

namespace troupe::tools {

inline constexpr std::size_t longest_tool_name = 64;

/// Other characters become '_'. A name that is too long is cut and ends in
/// eight digits made from the whole, so that it stays the same and differs from
/// others that begin alike.
std::string valid_tool_name(std::string_view name);

/// Makes names differ: the second "search" becomes "search_2".
class unique_names {
 public:
  std::string add(std::string_view wanted);

 private:
  std::unordered_set<std::string> taken_;
};

}  // namespace troupe::tools
