#pragma once

/// \file
/// What a request must be like before libcurl sees it: http or https, no
/// credentials in the URL, headers that cannot smuggle another header or a
/// second request (RFC 9110 §5.5, §5.6.2, RFC 9112 §6.3).
///
/// Thread safety: functions without state. Errors: `invalid`, which names the
/// part and the rule but never the part's contents.

#include "runtime/ports/http_client.hpp"

#include <curl/curl.h>

#include <optional>
#include <string>

namespace troupe::upstream {

struct request_target {
  std::string peer;       ///< host:port
  bool loopback = false;  ///< by its name or address; names are not resolved for it
};

expected<request_target> read_target(const std::string& url);

/// The first rule that method or headers break.
std::optional<failure> broken_rule(const http_request& request);

/// The request's headers in libcurl's form, to be freed by the caller; null without memory.
curl_slist* header_list(const http_request& request, const std::string& user_agent);

}  // namespace troupe::upstream
