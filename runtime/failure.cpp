#include "runtime/failure.hpp"

#include <caf/deep_to_string.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

#include <stdexcept>

namespace troupe {

const char* to_string(failure_kind kind) noexcept {
  switch (kind) {
    case failure_kind::none: return "none";
    case failure_kind::invalid: return "invalid";
    case failure_kind::not_found: return "not_found";
    case failure_kind::exists: return "exists";
    case failure_kind::denied: return "denied";
    case failure_kind::busy: return "busy";
    case failure_kind::cancelled: return "cancelled";
    case failure_kind::timeout: return "timeout";
    case failure_kind::read_only: return "read_only";
    case failure_kind::corrupt: return "corrupt";
    case failure_kind::incompatible: return "incompatible";
    case failure_kind::unavailable: return "unavailable";
    case failure_kind::interrupted: return "interrupted";
    case failure_kind::upstream: return "upstream";
    case failure_kind::internal: return "internal";
    case failure_kind::auth: return "auth";
    case failure_kind::quota: return "quota";
    case failure_kind::overload: return "overload";
    case failure_kind::filtered: return "filtered";
    case failure_kind::broken_stream: return "broken_stream";
  }
  return "unknown";
}

void throw_exception_from_error(const failure& error, const boost::source_location&) {
  throw std::runtime_error(std::string(to_string(error.kind)) + ": " + error.message);
}

caf::error to_error(const failure& value) {
  return caf::error{static_cast<std::uint8_t>(value.kind), failure_category, caf::make_message(value.message)};
}

failure to_failure(const caf::error& value) {
  if (!value) return {};
  if (value.category() == failure_category) {
    std::string text;
    if (value.context().match_elements<std::string>()) text = value.context().get_as<std::string>(0);
    return {static_cast<failure_kind>(value.code()), std::move(text)};
  }
  if (value.category() == caf::atom("exit")) return {failure_kind::unavailable, "the actor has ended"};
  if (value == caf::sec::request_receiver_down || value == caf::sec::no_proxy_registry
      || value == caf::sec::cannot_connect_to_node || value == caf::sec::no_route_to_receiving_node)
    return {failure_kind::unavailable, "the actor that was asked is gone"};
  if (value == caf::sec::request_timeout) return {failure_kind::timeout, "the request timed out"};
  return {failure_kind::internal,
          "runtime error " + std::to_string(value.code()) + " of category " + caf::to_string(value.category())};
}

}  // namespace troupe
