#pragma once

/// \file
/// Who asks the console, and may they (docs/console.md, Who may): the local
/// control socket, an operator's token, or the cookie of a login.
///
/// Host and Origin have passed admission (net/admission.hpp) before. A cookie
/// comes with any request of its browser, so with one the Origin must be this
/// very server's, where admission also takes other pages of the same machine,
/// and a change needs a header that no form and no other page's script can add.
///
/// Thread safety: any thread. Never blocks: tokens are verified from RAM.

#include "net/dialects/console/login_throttle.hpp"
#include "net/dialects/console/session_table.hpp"
#include "net/http/message.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::console {

/// Whose token this is: a client's too, so that its holder is told 403 and not 401.
using operator_verifier = std::function<std::optional<known_token>(std::string_view token)>;

struct caller {
  std::string who;  ///< "token:NAME", or "operator" on the control socket
  bool may_act = false;
  std::optional<known_token> token = {};  ///< nothing: the control socket
  std::optional<session> login = {};      ///< by cookie
};

struct refusal {
  unsigned status = 0;
  std::string detail;
  std::int64_t retry_after_s = 0;
};

/// `why` counts when there is no `who`.
struct verdict {
  std::optional<caller> who;
  refusal why = {};
};

enum class intent {
  look,    ///< a GET
  change,  ///< a POST
  watch,   ///< the live WebSocket; its token may be a parameter
};

class gatekeeper {
 public:
  gatekeeper(operator_verifier verify, std::function<bool(const known_token&)> still_known, const clock_port& clock,
             random_port& random)
      : verify_(std::move(verify)), still_known_(std::move(still_known)), sessions_(clock, random), throttle_(clock) {}

  verdict admit(const net::upgrade_request& request, intent what);
  /// Of somebody admitted earlier: neither logged out nor their token removed.
  bool still_holds(const caller& who) const;

  struct login {
    verdict outcome;
    std::string cookie;
  };
  /// Opens a session, and ends the one the request's cookie names.
  login log_in(const net::upgrade_request& request, std::string_view token);
  void log_out(const caller& who);

 private:
  verdict admit_token(std::string_view token, const std::string& peer);
  verdict admit_cookie(std::string_view cookie, const net::upgrade_request& request, intent what) const;

  const operator_verifier verify_;
  const std::function<bool(const known_token&)> still_known_;
  session_table sessions_;
  login_throttle throttle_;
};

/// "troupe_console=...; Path=/console; ..."
std::string set_cookie(std::string_view value, bool secure);
std::string clear_cookie();

/// Whether the request's Origin, if there is one, is the server it is sent to.
bool origin_is_own(const net::header_fields& headers);

}  // namespace troupe::console
