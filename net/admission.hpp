#pragma once

/// \file
/// Who may come in (DESIGN §9). A pure decision: header values in, admitted
/// with a principal or refused with a status and a sentence out.
///
/// The order is: the local control socket is the operator; then `Host` and
/// `Origin` (so that a web page of somebody else reaches nothing, not even by
/// DNS rebinding); then the token.
///
/// Thread safety: pure, apart from the verifiers, which must be callable from
/// every I/O thread, must not block and compare in constant time.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::net {

/// The name of the token, or nothing if it is none of ours.
using token_verifier = std::function<std::optional<std::string>(std::string_view token)>;

/// What a route asks of its callers.
enum class access {
  token,      ///< an access token, unless the listener is bound to loopback and AUTH is not on
  any_token,  ///< as `token`, and an operator's token will do too
  open,       ///< none, or the dialect checks credentials of its own
};

struct admission_rules {
  bool auth_off = false;                    ///< AUTH=off
  bool auth_always = false;                 ///< AUTH=on: loopback clients need a token too
  std::vector<std::string> listed_hosts;    ///< further names this server goes by, without port
  std::vector<std::string> listed_origins;  ///< "https://app.example.org", or a bare host name
  token_verifier verify;                    ///< of clients' tokens
  token_verifier verify_operator;           ///< of operators' tokens: no client's route takes them
};

struct admission_request {
  bool local_control = false;
  bool bound_to_loopback = true;
  bool bound_to_any = false;  ///< 0.0.0.0 or ::
  std::string_view bound_host;
  std::optional<std::string_view> host;
  bool host_required = true;  ///< HTTP/1.1; a client of HTTP/1.0 is no browser
  std::optional<std::string_view> origin;
  std::optional<std::string_view> query_token;
  std::optional<std::string_view> authorization;
  access needs = access::token;
  bool upgrade = false;  ///< a refused upgrade is 403 where plain HTTP says 401
};

struct admission_result {
  unsigned status = 0;    ///< 0: admitted
  std::string detail;     ///< the rule that was broken
  std::string principal;  ///< "operator", "local", "anonymous" or "token:NAME"

  bool admitted() const { return status == 0; }
};

admission_result admit(const admission_rules& rules, const admission_request& request);

/// The token of an Authorization header (RFC 6750 §2.1), or nothing.
std::optional<std::string_view> bearer_token(std::optional<std::string_view> authorization);

/// "localhost", "x.localhost", 127.0.0.0/8 and ::1, without port or brackets.
bool is_loopback_name(std::string_view host);

/// The host of "host:port", "[::1]:port" or a bare name, lower case.
std::string host_without_port(std::string_view authority);

}  // namespace troupe::net
