#include "tools/builtin_tools.hpp"
#include "runtime/messages/keeper.hpp"

#include "tools/builtin/current_datetime.hpp"
#include "tools/schema_check.hpp"

#include <caf/all.hpp>

namespace troupe {

std::vector<tools::builtin_tool> tools::standard_tools(const clock_port& clock) {
  return {current_datetime(clock)};
}

caf::behavior builtin_tools_state::start(builtin_tools_deps deps) {
  deps_ = std::move(deps);
  return {
      [](const drain&) { return drained{}; },
      [this](const tools_query&) {
        tools_listed answer;
        for (auto& each : deps_.tools) answer.tools.push_back(each.spec);
        return answer;
      },
      [this](const tool_start& message) { return run(message); },
      [this](const tool_cancel& message) { cancelled_.remember(message); },
  };
}

caf::result<tool_result> builtin_tools_state::run(const tool_start& message) {
  const auto& call = message.call;
  if (cancelled_.contains(message.ref.turn, call.id))
    return to_error({failure_kind::cancelled, "the call was cancelled before it began"});
  for (auto& each : deps_.tools) {
    if (each.spec.name != call.name) continue;
    ++served_;
    auto arguments = tools::read_arguments(each.spec.schema, call.arguments);
    if (!arguments) return tool_result{call.id, call.name, arguments.error().message, true};
    auto answer = each.run(arguments->root().get_object().value_unsafe());
    if (!answer) return tool_result{call.id, call.name, answer.error().message, true};
    return tool_result{call.id, call.name, std::move(*answer), false};
  }
  return to_error({failure_kind::not_found, "there is no built-in tool of that name"});
}

std::string builtin_tools_state::to_json() const {
  return "{\"tools\":" + std::to_string(deps_.tools.size()) + ",\"served\":" + std::to_string(served_) + "}";
}

}  // namespace troupe
