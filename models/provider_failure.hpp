#pragma once

/// \file
/// What went wrong at a model provider: HTTP answers and error events of all
/// providers as failures that say what a caller may do about it.
///
/// 401, 403 → auth; 429 → quota; 408, 504 → timeout; other 5xx → overload; the
/// rest → upstream. Where the body is clearer than the status (Gemini answers a
/// bad key with 400) the body decides. Messages name the provider, the status
/// and the provider's own text, at most 300 bytes of it, without the key; of a
/// 401 nothing is repeated, since some providers quote the key in it.
///
/// Thread safety: pure. Source: RFC 9110 §10.2.3 (Retry-After), DESIGN §8.

#include "models/provider_json.hpp"
#include "runtime/failure.hpp"
#include "runtime/ports/http_client.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::models {

struct provider_failure {
  failure error;
  std::optional<std::chrono::milliseconds> retry_after;
};

/// An answer whose status is not 2xx.
provider_failure failure_of_answer(std::string_view provider, std::string_view key, const http_head& head,
                                   std::string_view body);

/// The `error` member of an event in the middle of a stream, if there is one.
std::optional<provider_failure> failure_of_event(std::string_view provider, std::string_view key, json_element event);

/// A failure of the transport, with the provider named.
failure failure_of_transport(std::string_view provider, const failure& error);

/// One line of at most 300 bytes, without `key` and whatever looks like one.
std::string short_text(std::string_view text, std::string_view key);

}  // namespace troupe::models
