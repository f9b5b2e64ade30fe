#pragma once

/// \file
/// Tool calls as events of a conversation (DESIGN §4.6), and what the model is
/// told of those of a turn that ended early: what a finished call answered, so
/// that it need not be made again, and that a call which was begun and has no
/// result may have happened.
///
/// Ownership and thread safety: values. Errors: an event that does not parse
/// counts as a call without a name. Cost: one parse for each event read back; of
/// a call at most `kept_arguments` + `kept_result` bytes are held.

#include "runtime/messages/chat.hpp"
#include "runtime/messages/turn.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace troupe::storage {

/// `{"id":…,"name":…,"arguments":{…}}`
std::string encode_tool_begun(const tool_call& call);
/// `{"id":…,"name":…,"error":…,"content":…}`
std::string encode_tool_finished(const tool_result& result);

/// The tool calls of one turn.
class turn_tools {
 public:
  static constexpr std::size_t kept_arguments = 512;
  static constexpr std::size_t kept_result = 2048;
  /// Beyond it, a note only tells which calls have finished.
  static constexpr std::size_t note_bytes = 32 * 1024;

  void begun(const tool_call& call);
  void finished(const tool_result& result);
  /// An event read back; other kinds are ignored.
  void take(const session_event& event);
  bool empty() const { return calls_.empty(); }
  /// For the history, behind what was said; empty if no tool was called.
  std::string note() const;

 private:
  struct call {
    std::string id;
    std::string name;
    std::string arguments;
    std::optional<std::string> answer;
    bool failed = false;
  };
  std::vector<call> calls_;
};

}  // namespace troupe::storage
