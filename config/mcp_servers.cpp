#include "config/mcp_servers.hpp"

namespace troupe::config {

mcp_server_settings mcp_server_at_port(const std::string& name, std::uint16_t port) {
  mcp_server_settings made;
  made.name = name;
  made.url = "http://localhost:" + std::to_string(port) + "/mcp";
  made.timeout = std::chrono::seconds(10);
  made.stream_timeout = std::chrono::seconds(30);
  made.keep_session = true;
  return made;
}

}  // namespace troupe::config
