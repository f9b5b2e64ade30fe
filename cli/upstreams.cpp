#include "cli/upstreams.hpp"

#include "cli/version.hpp"
#include "net/upstream/curl_client.hpp"

#include <algorithm>

namespace troupe::cli {

expected<upstreams> upstreams::make(const config::settings& settings) {
  upstreams made;
  auto choice = models::choose_model(settings);
  if (!choice) return choice.error();
  made.choice = std::move(*choice);
  upstream::curl_options options;
  options.user_agent = std::string("troupe/") + version;
  auto client = upstream::curl_client::make(std::move(options));
  if (!client) return client.error();
  made.http = std::move(*client);
  const auto& servers = settings.mcp_servers;
  if (std::any_of(servers.begin(), servers.end(), [](auto& server) { return !server.command.empty(); }))
    made.processes = std::make_shared<mcp::process_loop>();
  auto model = models::make_language_model(made.choice, settings, made.http);
  if (!model) return model.error();
  made.model = std::move(*model);
  return made;
}

}  // namespace troupe::cli
