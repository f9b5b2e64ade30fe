#include "net/dialects/console/gatekeeper.hpp"

#include "net/admission.hpp"
#include "runtime/log.hpp"

#include <algorithm>

namespace troupe::console {
namespace {

constexpr std::string_view cookie_name = "troupe_console";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// The cookie's value (RFC 6265 §4.2).
std::optional<std::string_view> cookie_of(const net::header_fields& headers) {
  auto rest = headers.find("cookie").value_or("");
  while (!rest.empty()) {
    const auto pair = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals != pair.npos && trim(pair.substr(0, equals)) == cookie_name) return trim(pair.substr(equals + 1));
  }
  return std::nullopt;
}

verdict refuse(unsigned status, std::string detail) {
  return {{}, {status, std::move(detail), 0}};
}

caller of_token(const known_token& token) {
  return {"token:" + token.name, token.scope == token_scope::act, token};
}

}  // namespace

bool origin_is_own(const net::header_fields& headers) {
  const auto origin = headers.find("origin");
  if (!origin) return true;
  const auto host = headers.find("host");
  const auto mark = origin->find("://");
  if (!host || mark == origin->npos) return false;
  const auto scheme = origin->substr(0, mark);
  return (same_text(scheme, "http") || same_text(scheme, "https")) && same_text(origin->substr(mark + 3), *host);
}

std::string set_cookie(std::string_view value, bool secure) {
  return std::string(cookie_name) + "=" + std::string(value) + "; Path=/console; HttpOnly; SameSite=Strict; Max-Age="
         + std::to_string(session_table::lifetime_s) + (secure ? "; Secure" : "");
}

std::string clear_cookie() {
  return std::string(cookie_name) + "=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0";
}

verdict gatekeeper::admit(const net::upgrade_request& request, intent what) {
  if (request.local_control) return {caller{"operator", true}};
  if (auto token = net::bearer_token(request.headers.find("authorization")))
    return admit_token(*token, request.peer_address);
  if (what == intent::watch)
    if (auto token = request.target.parameter("token")) return admit_token(*token, request.peer_address);
  if (auto cookie = cookie_of(request.headers)) return admit_cookie(*cookie, request, what);
  return refuse(401, "An operator's token is required: give it as Authorization: Bearer ..., or log in at /console/");
}

verdict gatekeeper::admit_token(std::string_view token, const std::string& peer) {
  if (const auto wait = throttle_.wait_s(peer); wait > 0)
    return {{}, {429, "Too many wrong tokens came from this address: try again later", wait}};
  const auto known = verify_ ? verify_(token) : std::nullopt;
  if (!known) {
    throttle_.failed(peer);
    log::warn("console_refused", {{"peer", peer}});
    return refuse(401, "The token is not valid: an operator's is made by `troupe token add NAME --scope read`");
  }
  if (known->scope == token_scope::client)
    return refuse(403,
                  "This is a client's token; the console takes an operator's, made by "
                  "`troupe token add NAME --scope read`");
  return {of_token(*known)};
}

verdict gatekeeper::admit_cookie(std::string_view cookie, const net::upgrade_request& request, intent what) const {
  auto found = sessions_.find(cookie);
  if (!found || !still_known_(found->token)) return refuse(401, "The session has ended: log in again");
  if (!origin_is_own(request.headers)) return refuse(403, "The Origin must be this server's own");
  if (what == intent::change && request.headers.find("x-troupe-console") != "1")
    return refuse(403, "x-troupe-console: must be 1 in a request that changes something");
  auto who = of_token(found->token);
  who.login = std::move(*found);
  return {std::move(who)};
}

bool gatekeeper::still_holds(const caller& who) const {
  if (who.token && !still_known_(*who.token)) return false;
  return !who.login || sessions_.holds(who.login->id);
}

gatekeeper::login gatekeeper::log_in(const net::upgrade_request& request, std::string_view token) {
  if (!origin_is_own(request.headers)) return {refuse(403, "The Origin must be this server's own"), {}};
  login out{admit_token(token, request.peer_address), {}};
  auto& who = out.outcome.who;
  if (!who) return out;
  throttle_.succeeded(request.peer_address);
  if (auto cookie = cookie_of(request.headers))
    if (auto old = sessions_.find(*cookie)) sessions_.close(old->id);
  auto opened = sessions_.open(*who->token);
  out.cookie = std::move(opened.cookie);
  who->login = std::move(opened.made);
  log::info("console_login", {{"operator", who->who}, {"peer", request.peer_address}});
  return out;
}

void gatekeeper::log_out(const caller& who) {
  if (!who.login) return;
  sessions_.close(who.login->id);
  log::info("console_logout", {{"operator", who.who}});
}

}  // namespace troupe::console
