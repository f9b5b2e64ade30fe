#include "net/dialects/console/console_routes.hpp"

#include "net/dialects/console/inspect_request.hpp"
#include "net/dialects/console/live_socket.hpp"
#include "net/json.hpp"

#include <algorithm>

namespace troupe::console {
namespace {

using net::http_request;
using net::http_response;
using responder = std::shared_ptr<net::http_responder>;

constexpr std::size_t body_limit = 64 * 1024;

http_response as_answer(http_response response) {
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  return response;
}

http_response refused(const refusal& why) {
  auto out = as_answer(net::detail_response(why.status, why.detail));
  if (why.status == 401) out.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (why.retry_after_s > 0) out.headers.emplace_back("Retry-After", std::to_string(why.retry_after_s));
  return out;
}

/// The rule that a body breaks, if it does. An empty one breaks none.
std::optional<refusal> check_body(const http_request& request) {
  if (request.body.empty()) return std::nullopt;
  auto type = std::string(request.headers.find("content-type").value_or(""));
  type.resize(std::min(type.find_first_of("; "), type.size()));
  std::ranges::transform(type, type.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  // A form of another page can send every other type without being asked.
  if (type != "application/json") return refusal{415, "The content-type must be application/json"};
  const auto root = net::parse_json(request.body, body_limit);
  if (!root) return refusal{400, "The body must be JSON: " + root.error().message};
  if (!root->is_object()) return refusal{400, "The body must be a JSON object"};
  return std::nullopt;
}

class desk {
 public:
  explicit desk(services with)
      : with_(std::move(with)),
        gate_(std::make_shared<gatekeeper>(with_.verify, with_.still_known, *with_.clock, *with_.random)),
        pages_(with_.pages),
        started_at_(with_.clock->wall_ms()) {}

  const services& with() const { return with_; }
  const std::shared_ptr<gatekeeper>& gate() const { return gate_; }
  const static_pages& pages() const { return pages_; }

  http_response log_in(const http_request& request) const {
    if (auto bad = check_body(request)) return refused(*bad);
    const auto root = request.body.empty() ? net::parse_json("{}") : net::parse_json(request.body);
    std::string_view token;
    if ((*root)["token"].get(token) != simdjson::SUCCESS) return refused({400, "token: must be a string"});
    const auto login = gate_->log_in(request, token);
    if (!login.outcome.who) return refused(login.outcome.why);
    auto out = describe(*login.outcome.who);
    // A page that came by https says so even if something before us took the TLS off.
    const bool secure = with_.secure || request.headers.find("origin").value_or("").starts_with("https://");
    out.headers.emplace_back("Set-Cookie", set_cookie(login.cookie, secure));
    return out;
  }

  http_response log_out(const http_request& request) const {
    const auto verdict = gate_->admit(request, intent::change);
    if (!verdict.who) return refused(verdict.why);
    gate_->log_out(*verdict.who);
    auto out = as_answer({204, {}, {}});
    out.headers.emplace_back("Set-Cookie", clear_cookie());
    return out;
  }

  http_response me(const http_request& request) const {
    const auto verdict = gate_->admit(request, intent::look);
    return verdict.who ? describe(*verdict.who) : refused(verdict.why);
  }

  void pass_on(const http_request& request, const responder& to) const {
    const bool acts = request.method == "POST";
    auto verdict = gate_->admit(request, acts ? intent::change : intent::look);
    if (!verdict.who) return refuse(to, verdict.why);
    if (acts && !verdict.who->may_act) return refuse(to, {403, "This needs an operator's token with the scope act"});
    auto query = query_of(request.target);
    if (!query) return refuse(to, {query.error().kind == failure_kind::not_found ? 404u : 400u, query.error().message});
    if (acts)
      if (auto bad = check_body(request)) return refuse(to, *bad);
    query->acts = acts;
    if (acts) query->body = request.body;
    query->who = std::move(verdict.who->who);
    query->may_act = verdict.who->may_act;
    with_.ask(std::move(*query), [to](inspect_answer answer) {
      to->respond(as_answer({.status = answer.status, .body = std::move(answer.json)}));
    });
  }

 private:
  static void refuse(const responder& to, const refusal& why) { to->respond(refused(why)); }

  http_response describe(const caller& who) const {
    const auto begun = with_.clock->monotonic_ns();
    http_response out;
    out.body = "{\"operator\":";
    net::append_json_string(out.body, who.who);
    out.body += who.may_act ? ",\"scopes\":[\"read\",\"act\"],\"version\":" : ",\"scopes\":[\"read\"],\"version\":";
    net::append_json_string(out.body, with_.version);
    out.body += ",\"started_at\":" + std::to_string(started_at_)
                + ",\"expires_at\":" + (who.login ? std::to_string(who.login->expires_at) : std::string("null"))
                + ",\"cost_us\":" + std::to_string((with_.clock->monotonic_ns() - begun) / 1000) + "}";
    return as_answer(std::move(out));
  }

  const services with_;
  const std::shared_ptr<gatekeeper> gate_;
  const static_pages pages_;
  const std::int64_t started_at_;
};

/// 405 for a path that there is, in the other method.
net::http_handler other_method(const char* allowed) {
  return [allowed](const http_request&, const responder& to) {
    auto out = as_answer(net::detail_response(405, "Method Not Allowed"));
    out.headers.emplace_back("Allow", allowed);
    to->respond(std::move(out));
  };
}

}  // namespace

void add_routes(net::router& routes, services with) {
  const auto shared = std::make_shared<const desk>(std::move(with));
  const net::route_options open{net::access::open, body_limit};
  const auto answer = [&](const char* method, const char* path,
                          http_response (desk::*make)(const http_request&) const) {
    routes.add(
        method, path, [shared, make](auto& request, auto to) { to->respond((*shared.*make)(request)); }, open);
  };
  answer("POST", "/console/api/login", &desk::log_in);
  answer("POST", "/console/api/logout", &desk::log_out);
  answer("GET", "/console/api/me", &desk::me);
  routes.add("GET", "/console/api/login", other_method("POST"), open);
  routes.add("GET", "/console/api/logout", other_method("POST"), open);
  routes.add("POST", "/console/api/me", other_method("GET, HEAD"), open);
  for (const char* method : {"GET", "POST"})
    routes.add(
        method, "/console/api/{path...}", [shared](auto& request, auto to) { shared->pass_on(request, to); }, open);

  routes.add(
      "GET", "/console",
      [](auto&, auto to) {
        to->respond({.status = 308, .content_type = {}, .headers = {{"Location", "/console/"}}});
      },
      open);
  routes.add(
      "GET", "/console/{path...}",
      [shared](auto& request, auto to) {
        to->respond(shared->pages().answer(request.parameters.at("path"), request.headers));
      },
      open);
  routes.add_websocket("/console/live", live_sockets(shared->with().ask, shared->gate()),
                       {net::access::open, live_message_limit});
  if (!shared->with().metrics_text) return;
  routes.add("GET", "/metrics",
             [shared](auto&, auto to) {
               shared->with().metrics_text([to](std::optional<std::string> text) {
                 if (!text) return (void)to->respond(refused({503, "Too much is under way: try again later"}));
                 to->respond(
                     as_answer({.body = std::move(*text), .content_type = "text/plain; version=0.0.4; charset=utf-8"}));
               });
             },
             {net::access::any_token});
}

}  // namespace troupe::console
