// How a conversation with an MCP server begins: which revision it speaks.

#include "tools/mcp/client.hpp"
#include "tools/mcp/revision.hpp"

namespace troupe::mcp {

using namespace troupe::tools;

void client::start() {
  if (options_.revision == "auto" || options_.revision == stateless_revision)
    send_discover();
  else
    send_initialize();
}

void client::start_over() {
  // Calls in flight keep their own answers or failures.
  std::erase_if(asked_, [](auto& each) { return each.second != asked::call; });
  listing_ = listening_ = 0;
  list_again_ = false;
  send_initialize();
}

void client::probe_expired() {
  if (state_ != state::probing) return;
  if (options_.revision != "auto") return break_off(failure_kind::timeout, "did not answer server/discover");
  // Its answer may still come; a slow server of the stateless revision is known by it.
  send_initialize();
}

void client::send_discover() {
  state_ = state::probing;
  revision_ = stateless_revision;
  send_request(asked::discover, "server/discover", with_meta(""), request_headers("server/discover", ""));
}

void client::send_initialize() {
  state_ = state::initializing;
  revision_.clear();
  const auto offer =
      is_handshake_revision(options_.revision) ? std::string_view(options_.revision) : handshake_revisions.front();
  send_request(asked::initialize, "initialize",
               "{\"protocolVersion\":" + json_quoted(offer)
                   + ",\"capabilities\":{},\"clientInfo\":{\"name\":\"troupe\",\"version\":"
                   + json_quoted(options_.client_version) + "}}",
               {});
}

void client::discovered(json_element result) {
  if (state_ != state::probing && state_ != state::initializing) return;
  const auto versions = array_member(result, "supportedVersions");
  bool speaks_stateless = false, speaks_handshake = false;
  if (versions)
    for (auto each : *versions) {
      std::string_view version;
      if (each.get(version)) continue;
      speaks_stateless = speaks_stateless || version == stateless_revision;
      speaks_handshake = speaks_handshake || is_handshake_revision(version);
    }
  if (speaks_stateless) {
    revision_ = stateless_revision;
    return negotiated(stateless_revision, result);
  }
  if (state_ != state::probing) return;
  if ((!versions || speaks_handshake) && options_.revision == "auto") return send_initialize();
  break_off(failure_kind::incompatible, "speaks no revision of MCP that we speak");
}

void client::discover_refused(std::int64_t code, const std::string& text, const std::optional<json_element>& data) {
  if (state_ != state::probing) return;
  bool may_shake_hands = !is_stateless_code(code);
  if (code == unsupported_revision && data)
    if (const auto versions = array_member(*data, "supported"))
      for (auto each : *versions) {
        std::string_view version;
        if (!each.get(version) && is_handshake_revision(version)) may_shake_hands = true;
      }
  if (may_shake_hands && options_.revision == "auto") return send_initialize();
  break_off(failure_kind::incompatible, "refused revision " + std::string(stateless_revision) + ": " + text);
}

void client::initialized(json_element result) {
  if (state_ != state::initializing) return;
  const auto version = text_member(result, "protocolVersion").value_or("");
  if (!is_handshake_revision(version))
    return break_off(
        failure_kind::incompatible,
        "speaks revision " + shortened(version.empty() ? "unknown" : version, 40) + " of MCP, which we do not");
  revision_ = version;
  notify("notifications/initialized", "");
  outgoing_.back().barrier = true;
  negotiated(version, result);
}

void client::negotiated(std::string_view revision, json_element capabilities_of) {
  state_ = state::ready;
  const auto capabilities = member(capabilities_of, "capabilities");
  const auto tools = capabilities ? member(*capabilities, "tools") : std::nullopt;
  has_tools_ = tools.has_value();
  tells_changes_ = tools && true_member(*tools, "listChanged");
  emit(client_event::kind::negotiated, 0, std::string(revision));
  refresh();
}

}  // namespace troupe::mcp
