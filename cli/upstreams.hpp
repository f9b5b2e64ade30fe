#pragma once

/// \file
/// What the server reaches outside itself, wired from the settings: the HTTP
/// client, the language model and the processes of MCP servers.
///
/// Ownership: made before the node and destroyed after it, since actors hold
/// transfers and connections. Errors: `invalid`, naming the setting.

#include "config/settings.hpp"
#include "models/provider_settings.hpp"
#include "runtime/ports/http_client.hpp"
#include "runtime/ports/language_model.hpp"
#include "tools/mcp/process_loop.hpp"

#include <memory>

namespace troupe::cli {

struct upstreams {
  std::shared_ptr<http_client> http;
  std::shared_ptr<mcp::process_loop> processes;  ///< null when no MCP server is a process
  models::model_choice choice;
  std::shared_ptr<language_model> model;

  static expected<upstreams> make(const config::settings& settings);
};

}  // namespace troupe::cli
