#include "tools/mcp/stdio_transport.hpp"

#include <cstdlib>
#include <utility>

namespace troupe::mcp {

stdio_transport::stdio_transport(std::shared_ptr<process_loop> loop, process_command command,
                                 std::function<void()> wake)
    : loop_(std::move(loop)), link_(std::make_shared<process_link>()) {
  link_->command = std::move(command);
  link_->wake = std::move(wake);
  loop_->open(link_);
}

stdio_transport::~stdio_transport() {
  std::function<void()> wake;  // destroyed after the lock is released: it may hold the last handle
  {
    std::lock_guard lock(link_->guard);
    wake = std::exchange(link_->wake, nullptr);
    link_->let_go = true;
  }
  loop_->nudge();
}

void stdio_transport::send(outgoing message) {
  {
    std::lock_guard lock(link_->guard);
    if (link_->closed) return;
    // One that reads nothing must not cost us memory without end.
    if (link_->to_write.size() + message.text.size() > 2 * largest_message) {
      link_->let_go = true;
      link_->let_go_why = {failure_kind::overload, "takes none of its input"};
    } else {
      link_->to_write += message.text;
      link_->to_write += '\n';
    }
  }
  loop_->nudge();
}

transport_event stdio_transport::poll() {
  transport_event event;
  bool has_room = false;
  {
    std::lock_guard lock(link_->guard);
    if (!link_->lines.empty()) {
      event.what = transport_event::kind::message;
      event.text = std::move(link_->lines.front());
      link_->lines.pop_front();
      link_->unread -= event.text.size();
      has_room = link_->paused;
    } else if (link_->closed) {
      event.what = transport_event::kind::closed;
      event.error = link_->error;
      event.detail = link_->errors;
    } else {
      link_->waiting = true;
    }
  }
  if (has_room) loop_->nudge();
  return event;
}

void stdio_transport::finish() {
  {
    std::lock_guard lock(link_->guard);
    link_->let_go = true;
  }
  loop_->nudge();
}

std::map<std::string, std::string> child_environment(const std::map<std::string, std::string>& configured) {
  auto all = configured;
  for (auto name : {"PATH", "HOME", "LANG"})
    if (const char* value = std::getenv(name)) all.emplace(name, value);
  return all;
}

}  // namespace troupe::mcp
