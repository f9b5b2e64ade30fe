#pragma once

/// \file
/// The console's interface (docs/console.md) asked through the local control
/// socket, and what becomes of the answer as an exit status.
///
/// Thread safety: free functions, blocking, as long as `ask_local`.

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::cli {

/// Exit statuses of the console's commands; docs/console.md lists them.
enum console_exit : int {
  console_done = 0,
  console_failed = 1,
  console_bad_use = 2,    ///< also what the server calls a bad parameter
  console_no_server = 3,  ///< none runs on this data directory
  console_not_found = 4,
  console_refused = 5,  ///< and what an actor has not done yet
};

struct console_answer {
  console_exit status = console_done;
  std::string json;  ///< as the server sent it; empty if it sent none
  std::string why;   ///< a sentence, unless it is done

  bool good() const { return status == console_done; }
};

using console_parameters = std::vector<std::pair<std::string_view, std::string>>;

class console_client {
 public:
  explicit console_client(std::filesystem::path data_dir, std::chrono::seconds limit = std::chrono::seconds(30))
      : data_dir_(std::move(data_dir)), limit_(limit) {}

  /// `path` below /console/api; parameters whose value is empty are left out.
  console_answer look(const std::vector<std::string>& path, const console_parameters& parameters = {}) const;
  console_answer act(const std::vector<std::string>& path) const;

 private:
  console_answer ask(const char* method, std::string target) const;

  std::filesystem::path data_dir_;
  std::chrono::seconds limit_;
};

/// What an answer of that HTTP status means; `json` may be anything.
console_answer console_answer_of(unsigned http_status, std::string json);

/// RFC 3986: all but unreserved characters are escaped.
std::string percent_encoded(std::string_view text);

}  // namespace troupe::cli
