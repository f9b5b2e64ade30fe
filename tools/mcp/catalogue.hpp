#pragma once

/// \file
/// The tools of one MCP server: read from the pages of `tools/list`, with names
/// as model providers take them. Pure.
///
/// Bounds: `most_tools`; further ones are left out and counted. A tool without
/// a name, with a schema that is no object, or whose `x-mcp-header` breaks the
/// rules is left out and counted; the others stay. Descriptions are cut after
/// 8 KiB.

#include "runtime/messages/chat.hpp"
#include "tools/json.hpp"
#include "tools/mcp/mirrored_headers.hpp"
#include "tools/tool_names.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::mcp {

struct listed_tool {
  tool_spec spec;           ///< name: ours, valid and unique
  std::string remote_name;  ///< the server's own
  std::vector<mirrored_parameter> mirrored;
};

class catalogue {
 public:
  catalogue() = default;
  /// `prefix` empty: names stay as they are; else "prefix__name".
  catalogue(std::string prefix, std::size_t most_tools, bool check_mirrored)
      : prefix_(std::move(prefix)), most_tools_(most_tools), check_mirrored_(check_mirrored) {}

  /// Takes the `tools` of one page.
  void add(tools::json_array page);

  const std::vector<listed_tool>& all() const { return tools_; }
  const listed_tool* find(const std::string& name) const;
  bool is_full() const { return tools_.size() >= most_tools_; }
  std::size_t left_out() const { return left_out_; }

 private:
  bool take(tools::json_element tool);

  std::string prefix_;
  std::size_t most_tools_ = 0;
  bool check_mirrored_ = false;
  std::vector<listed_tool> tools_;
  std::map<std::string, std::size_t> by_name_;
  tools::unique_names names_;
  std::size_t left_out_ = 0;
};

}  // namespace troupe::mcp
