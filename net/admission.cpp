#include "net/admission.hpp"

#include <arpa/inet.h>

#include <algorithm>

namespace troupe::net {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return out;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 || inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& item) { return lower(item) == value; });
}

/// Names can be rebound to our address by their owner; addresses cannot, so
/// every address is ours when we listen on all of them.
bool host_is_ours(const admission_rules& rules, const admission_request& request, const std::string& host) {
  return is_loopback_name(host) || host == host_without_port(request.bound_host)
         || (request.bound_to_any && is_address(host)) || contains(rules.listed_hosts, host);
}

/// `own_authority` is the Host header: a page we served ourselves may call us.
bool origin_is_ours(const admission_rules& rules, const std::string& origin, const std::string& own_authority) {
  if (origin == "null" || origin.starts_with("file:") || origin.starts_with("app:")) return true;
  if (contains(rules.listed_origins, origin)) return true;
  auto mark = origin.find("://");
  if (mark == std::string::npos) return false;
  auto authority = origin.substr(mark + 3);
  if (authority.empty() || authority.find_first_of("/@?#") != std::string::npos) return false;
  auto host = host_without_port(authority);
  return is_loopback_name(host) || contains(rules.listed_origins, host) || authority == own_authority;
}

admission_result check_token(const admission_rules& rules, const admission_request& request) {
  const unsigned refusal = request.upgrade ? 403 : 401;
  auto token = request.query_token ? request.query_token : bearer_token(request.authorization);
  if (rules.auth_off) return {0, {}, request.bound_to_loopback ? "local" : "anonymous"};
  if (token) {
    auto name = rules.verify ? rules.verify(*token) : std::nullopt;
    if (!name && request.needs == access::any_token && rules.verify_operator) name = rules.verify_operator(*token);
    if (name) return {0, {}, "token:" + *name};
    return {refusal, "The access token is not valid: give one made by `troupe token add NAME`", {}};
  }
  if (request.bound_to_loopback && !rules.auth_always) return {0, {}, "local"};
  return {refusal,
          "An access token is required: give it as ?token=... or as Authorization: Bearer ...; "
          "AUTH=off on the server opens it to everyone",
          {}};
}

}  // namespace

std::optional<std::string_view> bearer_token(std::optional<std::string_view> authorization) {
  if (!authorization || authorization->size() < 7) return std::nullopt;
  if (lower(authorization->substr(0, 7)) != "bearer ") return std::nullopt;
  auto token = authorization->substr(7);
  while (token.starts_with(' ')) token.remove_prefix(1);
  while (token.ends_with(' ')) token.remove_suffix(1);
  return token;
}

bool is_loopback_name(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host == "::1") return true;
  in_addr address{};
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

std::string host_without_port(std::string_view authority) {
  if (authority.starts_with('[')) {
    auto end = authority.find(']');
    return end == std::string_view::npos ? std::string() : lower(authority.substr(1, end - 1));
  }
  auto colon = authority.find(':');
  if (colon != std::string_view::npos && authority.find(':', colon + 1) == std::string_view::npos)
    authority = authority.substr(0, colon);
  if (authority.ends_with('.')) authority.remove_suffix(1);
  return lower(authority);
}

admission_result admit(const admission_rules& rules, const admission_request& request) {
  if (request.local_control) return {0, {}, "operator"};
  if (!request.host && request.host_required) return {400, "The Host header is missing", {}};
  if (request.host && !host_is_ours(rules, request, host_without_port(*request.host)))
    return {
        403, "The Host header must name this server: a loopback name, the address it listens on or a listed host", {}};
  if (request.origin && !origin_is_ours(rules, lower(*request.origin), request.host ? lower(*request.host) : ""))
    return {403, "The Origin must be absent, null, file:, app:, this server, a loopback origin or a listed one", {}};
  if (request.needs == access::open) return {0, {}, request.bound_to_loopback ? "local" : "anonymous"};
  return check_token(rules, request);
}

}  // namespace troupe::net
