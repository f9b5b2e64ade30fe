#pragma once

/// \file
/// MCP over a child process's standard input and output: one message a line.
///
/// Destroying it lets the process go; the loop ends it (process_loop.hpp).
/// Thread safety and errors: transport.hpp. `closed` says how the process ended.
/// Source: the specification's "Transports: stdio".

#include "tools/mcp/process_loop.hpp"
#include "tools/mcp/transport.hpp"

namespace troupe::mcp {

class stdio_transport final : public transport {
 public:
  stdio_transport(std::shared_ptr<process_loop> loop, process_command command, std::function<void()> wake);
  ~stdio_transport() override;

  void send(outgoing message) override;
  transport_event poll() override;
  void finish() override;

 private:
  std::shared_ptr<process_loop> loop_;
  std::shared_ptr<process_link> link_;
};

/// The environment of a process: what is configured, and of ours PATH, HOME
/// and LANG.
std::map<std::string, std::string> child_environment(const std::map<std::string, std::string>& configured);

}  // namespace troupe::mcp
