#pragma once

/// \file
/// JSON-RPC 2.0 as MCP uses it: reading what a server sends, writing what we
/// send. Pure.
///
/// Lists of messages (only revision 2025-03-26 has them) are taken, up to 1000.
/// Ids of ours are whole numbers from 1; a server's own ids are kept as they are.
///
/// Errors: `invalid` for what is no JSON-RPC message; the text never quotes it.

#include "tools/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::mcp {

struct rpc_message {
  enum class kind : std::uint8_t { result, error, request, notification };
  kind what = kind::notification;
  std::int64_t id = 0;                      ///< result, error: of our request; 0 if it is none of ours
  std::string id_text;                      ///< request: to be sent back as it is
  std::string method;                       ///< request, notification
  std::optional<tools::json_element> body;  ///< result; params; an error's data
  std::int64_t code = 0;                    ///< error
  std::string text;                         ///< error: its message, at most 300 bytes
};

/// Owns what the messages' bodies point into.
struct rpc_messages {
  tools::json_document document;
  std::vector<rpc_message> all;
};

expected<rpc_messages> read_rpc(std::string_view text);

/// `params` is JSON text, or empty for none.
std::string rpc_request(std::int64_t id, std::string_view method, std::string_view params);
std::string rpc_notification(std::string_view method, std::string_view params);
std::string rpc_empty_result(std::string_view id_text);
std::string rpc_error(std::string_view id_text, int code, std::string_view text);

}  // namespace troupe::mcp
