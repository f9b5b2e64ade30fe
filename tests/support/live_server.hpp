#pragma once

/// \file
/// The real program with a data folder of its own, for tests that talk to it
/// through sockets and commands. Header-only: the test program defines
/// TROUPE_BINARY, the path of `troupe`. Its model is `with_tested_model`'s.
///
///     live_server server(settings_map{{"OFFLINE_PACE_MS", "5"}});
///     auto client = server.connect();
///
/// Ownership: the destructor kills the server and removes the folder.
/// Thread safety: none. Errors: throws where a test cannot go on.

#include "support/http_client.hpp"
#include "support/luna_client.hpp"
#include "support/server_process.hpp"
#include "support/temporary_folder.hpp"
#include "support/tested_model.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

#include <signal.h>

namespace troupe::test {

using settings_map = std::map<std::string, std::string>;

inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

class live_server {
 public:
  explicit live_server(settings_map settings = {}, std::vector<std::string> arguments = {}, std::string data_dir = {})
      : settings_(with_tested_model(std::move(settings))),
        arguments_(std::move(arguments)),
        data_dir_(data_dir.empty() ? folder_.file("data") : std::move(data_dir)) {
    std::filesystem::create_directories(data_dir_);
    settings_.emplace("HOME", folder_.path());
    start();
  }

  void start() {
    if (!try_start()) throw std::runtime_error("the server did not start: " + output());
  }
  /// False if it ended instead: see `output` and `wait`.
  bool try_start() {
    if (process_) earlier_ += process_->output();
    searched_ = 0;
    process_ =
        std::make_unique<server_process>(server_process::options{TROUPE_BINARY, data_dir_, arguments_, settings_});
    return process_->start();
  }
  void crash() {
    process_->kill(SIGKILL);
    process_->wait();
  }
  /// Exit status after SIGTERM.
  int stop() {
    process_->kill(SIGTERM);
    return process_->wait();
  }
  int wait() { return process_->wait(); }
  void signal(int number) { process_->kill(number); }

  /// A Luna client that has been registered.
  luna_client connect(const std::string& path = "/ws", const ws_options& options = {}) const {
    return luna_client(port(), path, options);
  }
  http_client http() const { return http_client(port()); }
  boost::json::object health() const { return boost::json::parse(http().get("/health").body).as_object(); }

  /// Asks `/health` until `wanted` is true of it, for 20 seconds at most.
  template <class Wanted>
  bool health_becomes(Wanted wanted) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (std::chrono::steady_clock::now() < end) {
      const auto now = health();
      if (wanted(now)) return true;
    }
    return false;
  }

  /// `troupe WORDS...` on this server's data, with its settings.
  command_output command(std::vector<std::string> words) const {
    words.insert(words.begin(), TROUPE_BINARY);
    words.insert(words.end(), {"--data-dir", data_dir_});
    return run_command(words, settings_, folder_.path());
  }

  /// A line of the log that holds `mark`, the first one behind those found before.
  std::string next_log_line(const std::string& mark) {
    const auto at = process_->find_output(mark, searched_, patience);
    const auto end = at ? process_->find_output("\n", *at, patience) : std::nullopt;
    if (!end) throw std::runtime_error("the log never told of " + mark);
    const auto begin = process_->output().rfind('\n', *at) + 1;
    searched_ = *end;
    return process_->output().substr(begin, *end - begin);
  }

  std::uint16_t port() const { return process_->port(); }
  pid_t pid() const { return process_->pid(); }
  const std::string& data_dir() const { return data_dir_; }
  std::string file(const std::string& name) const { return folder_.file(name); }
  settings_map& settings() { return settings_; }
  /// What all its processes have printed; complete after `stop`, `crash` or `wait`.
  std::string output() const { return earlier_ + process_->output(); }

 private:
  temporary_folder folder_;
  settings_map settings_;
  std::vector<std::string> arguments_;
  std::string data_dir_;
  std::unique_ptr<server_process> process_;
  std::string earlier_;
  std::size_t searched_ = 0;  ///< of this process's output, by `next_log_line`
};

}  // namespace troupe::test
