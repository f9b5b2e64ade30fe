#pragma once

/// \file
/// Tool calls as events of a conversation (DESIGN §4.6), and what the model is
/// told of those of a turn that ended early: a call that was begun and has no
/// result may have happened.
///
/// Ownership and thread safety: values. Errors: an event that does not parse
/// counts as a call without a name. Cost: one parse for each event read back.

#include "runtime/messages/chat.hpp"
#include "runtime/messages/turn.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

/// `{"id":…,"name":…,"arguments":{…}}`
std::string encode_tool_begun(const tool_call& call);
/// `{"id":…,"name":…,"error":…,"content":…}`
std::string encode_tool_finished(const tool_result& result);

/// The tool calls of one turn.
class turn_tools {
 public:
  void begun(std::string_view id, std::string_view name) { calls_.push_back({std::string(id), std::string(name)}); }
  void finished(std::string_view id);
  /// An event read back; other kinds are ignored.
  void take(const session_event& event);
  bool empty() const { return calls_.empty(); }
  /// For the history, behind what was said; empty if no tool was called.
  std::string note() const;

 private:
  struct call {
    std::string id;
    std::string name;
    bool finished = false;
  };
  std::vector<call> calls_;
};

}  // namespace troupe::storage
