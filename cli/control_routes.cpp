#include "cli/control_routes.hpp"

#include "cli/ask_actor.hpp"
#include "cli/memory_service.hpp"
#include "net/json.hpp"
#include "runtime/log.hpp"
#include "storage/backup.hpp"
#include "storage/token_store.hpp"

#include <caf/all.hpp>

namespace troupe::cli {
namespace {

using net::http_request;
using net::http_response;
using responder = std::shared_ptr<net::http_responder>;

unsigned status_of(failure_kind kind) {
  switch (kind) {
    case failure_kind::invalid: return 400;
    case failure_kind::denied: return 403;
    case failure_kind::not_found: return 404;
    case failure_kind::exists: return 409;
    case failure_kind::busy: return 429;
    case failure_kind::read_only:
    case failure_kind::unavailable: return 503;
    default: return 500;
  }
}

void respond(const responder& to, const expected<std::string>& answer) {
  if (answer)
    to->respond(http_response{.body = *answer});
  else
    to->respond(net::detail_response(status_of(answer.error().kind), answer.error().message));
}

/// Work for the pool, or the answer that it is full.
void in_pool(node& node, const responder& to, std::function<expected<std::string>()> work) {
  if (!node.pool().submit([to, work = std::move(work)] { respond(to, work()); }))
    respond(to, failure{failure_kind::busy, "too much is under way; try again"});
}

expected<std::string> text_of(const http_request& request, std::string_view field) {
  auto root = net::parse_json(request.body);
  if (!root) return root.error();
  std::string_view value;
  if ((*root)[field].get(value) != simdjson::SUCCESS)
    return failure{failure_kind::invalid, std::string(field) + ": must be a string"};
  return std::string(value);
}

/// The field `scope`; a client's if it is not there.
expected<token_scope> scope_of(const http_request& request) {
  auto root = net::parse_json(request.body);
  if (!root) return root.error();
  simdjson::dom::element field;
  if ((*root)["scope"].get(field) != simdjson::SUCCESS) return token_scope::client;
  std::string_view text;
  if (field.get(text) == simdjson::SUCCESS)
    if (auto scope = token_scope_of(text)) return *scope;
  return failure{failure_kind::invalid, "scope: must be client, read or act"};
}

/// Writes, reads the tokens again, answers.
void change_tokens(node& node, access_tokens& tokens, std::vector<write_op> ops, const responder& to,
                   std::string body) {
  auto written = [&node, &tokens, to, body](const expected<journal_committed>& answer) {
    if (!answer) return respond(to, answer.error());
    in_pool(node, to, [&node, &tokens, body]() -> expected<std::string> {
      if (auto loaded = tokens.load(node.database(), node.settings()); !loaded) return loaded.error();
      return body;
    });
  };
  // The journal is the only writer.
  ask_actor<journal_committed>(node.services(), node.journal(), journal_append{journal_lane::turns, std::move(ops)},
                               written);
}

void add_token(node& node, access_tokens& tokens, const http_request& request, const responder& to) {
  auto name = text_of(request, "name");
  if (!name) return respond(to, name);
  auto scope = scope_of(request);
  if (!scope) return respond(to, scope.error());
  std::vector<write_op> ops;
  auto token = storage::create_token(node.database(), ops, *name, node.services().random,
                                     node.services().clock.wall_ms(), *scope);
  if (!token) return respond(to, token);
  std::string body = "{\"token\":";
  net::append_json_string(body, *token);
  change_tokens(node, tokens, std::move(ops), to, body + "}");
}

void remove_token(node& node, access_tokens& tokens, const http_request& request, const responder& to) {
  auto name = text_of(request, "name");
  if (!name) return respond(to, name);
  std::vector<write_op> ops;
  if (auto removed = storage::remove_token(node.database(), ops, *name); !removed) return respond(to, removed.error());
  change_tokens(node, tokens, std::move(ops), to, "{}");
}

void list_tokens(node& node, const responder& to) {
  in_pool(node, to, [&node]() -> expected<std::string> {
    auto names = storage::list_tokens(node.database());
    if (!names) return names.error();
    std::string body = "{\"tokens\":[";
    for (bool first = true; auto& token : *names) {
      if (!first) body += ',';
      first = false;
      body += "{\"name\":";
      net::append_json_string(body, token.name);
      body += std::string(",\"scope\":\"") + to_string(token.scope) + "\"}";
    }
    return body + "]}";
  });
}

void back_up(node& node, const http_request& request, const responder& to) {
  auto folder = text_of(request, "folder");
  if (!folder) return respond(to, folder);
  if (!folder->starts_with('/')) return respond(to, failure{failure_kind::invalid, "folder: must be an absolute path"});
  in_pool(node, to, [&node, folder = *folder]() -> expected<std::string> {
    auto made = storage::backup(node.database(), folder);
    if (!made) return made.error();
    log::info("backup_made", {{"backup", made->id}, {"bytes", made->bytes}});
    return "{\"backup\":" + std::to_string(made->id) + ",\"bytes\":" + std::to_string(made->bytes) + "}";
  });
}

}  // namespace

void add_control_routes(net::router& routes, node& node, access_tokens& tokens) {
  auto add = [&](std::string_view path, std::function<void(const http_request&, const responder&)> handler) {
    routes.add("POST", path,
               [handler = std::move(handler)](const http_request& request, responder to) {
                 if (request.local_control) return handler(request, to);
                 to->respond(net::detail_response(404, "Not Found"));
               },
               {net::access::open});
  };
  add("/control/memory", [&node](const http_request& request, const responder& to) {
    auto call = parse_memory_call(request.body);
    if (!call) return respond(to, call.error());
    run_memory_call(node.services(), node.memories(), *call,
                    [to](expected<std::string> answer) { respond(to, answer); });
  });
  add("/control/backup", [&node](auto& request, auto& to) { back_up(node, request, to); });
  add("/control/tokens/add", [&node, &tokens](auto& request, auto& to) { add_token(node, tokens, request, to); });
  add("/control/tokens/remove", [&node, &tokens](auto& request, auto& to) { remove_token(node, tokens, request, to); });
  add("/control/tokens/list", [&node](auto&, auto& to) { list_tokens(node, to); });
}

}  // namespace troupe::cli
