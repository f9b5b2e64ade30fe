#pragma once

/// \file
/// The parts of a message that revision 2026-07-28 has mirrored into HTTP
/// headers: Mcp-Method, Mcp-Name, and Mcp-Param-NAME for parameters whose
/// schema bears `x-mcp-header`. Pure.
/// Source: the specification's "Streamable HTTP: Request Metadata".

#include "runtime/ports/http_client.hpp"
#include "tools/json.hpp"

#include <string>
#include <vector>

namespace troupe::mcp {

/// One parameter that goes into a header.
struct mirrored_parameter {
  std::string header;             ///< "Mcp-Param-Region"
  std::vector<std::string> path;  ///< keys from the arguments down to the value
};

/// The parameters a tool's schema wants mirrored; a failure if it breaks a rule,
/// upon which the tool must not be offered.
expected<std::vector<mirrored_parameter>> mirrored_parameters(tools::json_element schema);

/// Their values in these arguments; absent and null ones are left out.
http_headers mirrored_headers(const std::vector<mirrored_parameter>& parameters, tools::json_element arguments);

/// As a header's value: as it is, or `=?base64?...?=` if that would not be safe.
std::string header_text(std::string_view value);

}  // namespace troupe::mcp
