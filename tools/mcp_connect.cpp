#include "tools/mcp_connect.hpp"

#include "tools/mcp/http_transport.hpp"
#include "tools/mcp/stdio_transport.hpp"

#include <algorithm>

namespace troupe {
namespace {

mcp::connect_function by_process(const config::mcp_server_settings& settings,
                                 std::shared_ptr<mcp::process_loop> processes) {
  mcp::process_command command{settings.command, mcp::child_environment(settings.env)};
  return [command, processes](std::function<void()> wake) -> std::unique_ptr<mcp::transport> {
    return std::make_unique<mcp::stdio_transport>(processes, command, std::move(wake));
  };
}

mcp::connect_function by_http(const config::mcp_server_settings& settings, http_client& http, const clock_port& clock) {
  mcp::http_options options;
  options.url = settings.url;
  options.headers = settings.headers;
  options.request_limit = settings.timeout;
  // The actor's own limits come first; this is for what it does not watch.
  options.stall_limit = std::max(settings.timeout, settings.stream_timeout) + std::chrono::seconds(5);
  options.keep_session = settings.keep_session;
  return [options, &http, &clock](std::function<void()> wake) -> std::unique_ptr<mcp::transport> {
    return std::make_unique<mcp::http_transport>(options, http, clock, std::move(wake));
  };
}

}  // namespace

mcp_server_deps mcp_deps_of(const config::mcp_server_settings& settings, std::string version,
                            std::shared_ptr<mcp::process_loop> processes, http_client* http, const clock_port& clock) {
  const bool over_http = settings.command.empty();
  mcp_server_deps deps;
  deps.options.server = settings.name;
  deps.options.prefix = settings.prefix ? settings.name : "";
  deps.options.revision = settings.protocol;
  deps.options.client_version = std::move(version);
  deps.options.over_http = over_http;
  deps.call_limit = settings.timeout;
  deps.stream_limit = settings.stream_timeout;
  // A process may have to be downloaded before it answers (npx, uvx).
  deps.start_limit =
      over_http ? std::max(settings.timeout, std::chrono::milliseconds(10000)) : std::chrono::milliseconds(60000);
  for (auto& [name, value] : settings.env) deps.secrets.push_back(value);
  deps.connect = over_http ? by_http(settings, *http, clock) : by_process(settings, std::move(processes));
  return deps;
}

}  // namespace troupe
