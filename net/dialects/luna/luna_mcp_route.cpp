#include "net/dialects/luna/luna_mcp_route.hpp"

#include "net/dialects/luna/luna_tools.hpp"
#include "net/json.hpp"
#include "runtime/messages/connection.hpp"
#include "runtime/ports/random.hpp"

#include <caf/all.hpp>

#include <optional>

namespace troupe::luna {
namespace {

using net::detail_response;

/// Whether a JSON-RPC message asks for an answer: notifications do not, nor
/// does the answer to a server's own request.
bool wants_answer(simdjson::dom::object message) {
  std::string_view method;
  if (message["method"].get(method) == simdjson::SUCCESS) return method.substr(0, 12) != "notification";
  return message["result"].error() != simdjson::SUCCESS && message["error"].error() != simdjson::SUCCESS;
}

void serve(client_relays& relays, random_port& random, const net::http_request& request,
           std::shared_ptr<net::http_responder> to) {
  const auto answer = [&](net::http_response response) { to->respond(std::move(response)); };
  if (!request.loopback && !request.local_control)
    return answer(detail_response(403, "This path is for clients on the server's own machine"));
  const auto& client_id = request.parameters.at("client_id");
  const auto connection = relays.find(client_id);
  if (!connection) return answer(client_not_connected());
  const auto& name = request.parameters.at("mcp_name");
  if (name != "filesystem" && name != "google") return answer(detail_response(400, "Unknown MCP name"));
  const auto body = net::parse_json(request.body);
  if (!body) return answer(detail_response(400, "The body must be JSON: " + body.error().message));
  simdjson::dom::object message;
  if (body->get(message) != simdjson::SUCCESS)
    return answer(detail_response(400, "The body must hold one JSON object"));
  const auto request_id = random.uuid();
  shared_bytes frame(encode_mcp_request(name, request.body, request_id));
  const bool waits = wants_answer(message);
  switch (relays.wait(client_id, request_id, to)) {
    case client_relays::outcome::waiting:
      // Urgent: never shed by a full mailbox. The number of waiting callers is the bound.
      return caf::anon_send<caf::message_priority::high>(connection, client_relay{request_id, std::move(frame), waits});
    case client_relays::outcome::unknown_client: return answer(client_not_connected());
    case client_relays::outcome::too_many:
      return answer(detail_response(503, "Busy: too many calls wait for this client's answers; try again later"));
  }
}

}  // namespace

void add_mcp_route(net::router& routes, std::shared_ptr<client_relays> relays, random_port& random,
                   std::size_t body_limit) {
  routes.add(
      "POST", "/mcp/{client_id}/{mcp_name}",
      [relays = std::move(relays), &random](auto& request, auto to) { serve(*relays, random, request, std::move(to)); },
      {.needs = net::access::token, .body_limit = body_limit});
}

}  // namespace troupe::luna
