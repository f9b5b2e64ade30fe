#pragma once

/// \file
/// Commands talking to a running server: over the local control socket
/// `DATA_DIR/troupe.sock`, or over HTTP to another machine (DESIGN §6).
///
/// Thread safety: free functions, blocking, 30 s at most (backups: an hour).
/// Errors: `not_found` when no server runs there, `unavailable`, `timeout`;
/// what the server refuses comes back as its status and body.

#include "runtime/failure.hpp"

#include <chrono>
#include <filesystem>
#include <string>

namespace troupe::cli {

struct control_request {
  std::string method = "GET";
  std::string target;
  std::string body;
  std::string token;  ///< remote only
  std::chrono::seconds limit{30};
};

struct control_answer {
  unsigned status = 0;
  std::string body;

  bool good() const { return status >= 200 && status < 300; }
};

std::filesystem::path control_socket(const std::filesystem::path& data_dir);

/// Asks the server of this data directory.
expected<control_answer> ask_local(const std::filesystem::path& data_dir, const control_request& request);

/// Asks the server at "http://host:port".
expected<control_answer> ask_remote(const std::string& url, const control_request& request);

}  // namespace troupe::cli
