#include "cli/console_wiring.hpp"

#include "cli/metrics_text.hpp"
#include "cli/version.hpp"
#include "net/dialects/console/console_routes.hpp"
#include "web/pages.hpp"

namespace troupe::cli {
void add_console_routes(net::router& routes, node& node, const access_tokens& tokens) {
  console::services with;
  with.ask = node.ask_inspector();
  with.verify = [&tokens](std::string_view token) { return tokens.find(token); };
  with.still_known = [&tokens](const known_token& token) { return tokens.still_known(token); };
  with.clock = &node.services().clock;
  with.random = &node.services().random;
  with.version = version;
  // All actors are looked at, which is not for an I/O thread.
  with.metrics_text = [&node](std::function<void(std::optional<std::string>)> done) {
    if (!node.pool().submit([&node, done] { done(metrics_text(node)); })) done(std::nullopt);
  };
  for (auto& page : web::console_pages()) with.pages.push_back({page.path, page.bytes});
  console::add_routes(routes, std::move(with));
}

}  // namespace troupe::cli
