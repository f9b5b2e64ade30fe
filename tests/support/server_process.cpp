#include "support/server_process.hpp"

#include "support/spawn.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace troupe {
namespace {

/// What ThreadSanitizer is told to exit with (`./dev tsan`).
constexpr int sanitizer_found = 66;

}  // namespace

command_output run_command(const std::vector<std::string>& command,
                           const std::map<std::string, std::string>& environment, const std::string& folder) {
  auto process = spawn_process(command, environment, folder, false);
  command_output result;
  pollfd ends[2] = {{process.out, POLLIN, 0}, {process.error, POLLIN, 0}};
  std::string* texts[2] = {&result.out, &result.error};
  for (int open = 2; open > 0;) {
    ::poll(ends, 2, -1);
    for (int i = 0; i < 2; ++i) {
      if (ends[i].fd < 0 || ends[i].revents == 0) continue;
      char buffer[4096];
      const auto size = ::read(ends[i].fd, buffer, sizeof buffer);
      if (size > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(size));
      } else {
        ::close(ends[i].fd);
        ends[i].fd = -1;
        --open;
      }
    }
  }
  result.status = wait_for_process(process.pid);
  return result;
}

server_process::server_process(options with) : options_(std::move(with)) {}

server_process::~server_process() {
  if (pid_ > 0) {
    kill(SIGKILL);
    wait();
  }
}

bool server_process::start() {
  std::vector<std::string> command{options_.binary, "serve", "--port", "0", "--data-dir", options_.data_dir};
  command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
  auto process = spawn_process(command, options_.environment, options_.data_dir, true);
  ::close(process.error);
  pid_ = process.pid;
  pipe_ = process.out;
  output_.clear();
  ended_ = false;
  port_ = 0;
  const auto limit = std::chrono::steady_clock::now() + options_.start_limit;
  const std::string mark = "listening on http://";
  for (;;) {
    if (const auto at = output_.find(mark); at != output_.npos) {
      const auto end = output_.find(',', at);
      const auto colon = output_.rfind(':', end);
      if (end != output_.npos && output_.find("data in", end) != output_.npos) {
        port_ = static_cast<std::uint16_t>(std::stoi(output_.substr(colon + 1)));
        reader_ = std::thread([this] {
          while (read_some(std::nullopt)) {
          }
          const std::lock_guard lock(output_lock_);
          ended_ = true;
          output_changed_.notify_all();
        });
        return true;
      }
    }
    if (!read_some(limit)) return false;
  }
}

bool server_process::read_some(std::optional<std::chrono::steady_clock::time_point> limit) {
  int left = -1;
  if (limit) {
    const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(*limit - std::chrono::steady_clock::now());
    left = static_cast<int>(std::max<std::int64_t>(time.count(), 0));
  }
  pollfd end{pipe_, POLLIN, 0};
  if (::poll(&end, 1, left) <= 0) return false;
  char buffer[4096];
  const auto size = ::read(pipe_, buffer, sizeof buffer);
  if (size <= 0) return false;
  const std::lock_guard lock(output_lock_);
  output_.append(buffer, static_cast<std::size_t>(size));
  output_changed_.notify_all();
  return true;
}

std::optional<std::size_t> server_process::find_output(const std::string& mark, std::size_t from,
                                                       std::chrono::milliseconds limit) const {
  std::unique_lock lock(output_lock_);
  auto at = output_.npos;
  output_changed_.wait_for(lock, limit, [&] { return (at = output_.find(mark, from)) != output_.npos || ended_; });
  return at == output_.npos ? std::nullopt : std::optional(at);
}

std::string server_process::output() const {
  const std::lock_guard lock(output_lock_);
  return output_;
}

void server_process::kill(int signal) {
  if (const pid_t pid = pid_; pid > 0) ::kill(pid, signal);
}

int server_process::wait() {
  if (pid_ <= 0) return -1;
  if (reader_.joinable()) {
    reader_.join();
  } else {
    while (read_some(std::nullopt)) {
    }
  }
  ::close(pipe_);
  const auto status = wait_for_process(pid_);
  pid_ = -1;
  if (status == sanitizer_found) std::fprintf(stderr, "%s\n", output_.c_str());
  return status;
}

}  // namespace troupe
