#include "support/peer_program.hpp"

#include "support/spawn.hpp"

#include <stdexcept>

#include <signal.h>
#include <unistd.h>

namespace troupe::test {

peer_program::peer_program(options with) {
  const auto process = spawn_process(std::move(with.command), with.environment, with.folder, true);
  ::close(process.error);
  pid_ = process.pid;
  reader_ = std::thread([this, out = process.out] { read_all(out); });
}

peer_program::~peer_program() {
  kill(SIGKILL);
  wait();
}

void peer_program::read_all(int descriptor) {
  char buffer[4096];
  for (;;) {
    const auto size = ::read(descriptor, buffer, sizeof buffer);
    std::lock_guard guard(mutex_);
    closed_ = size <= 0;
    if (!closed_) output_.append(buffer, static_cast<std::size_t>(size));
    changed_.notify_all();
    if (closed_) break;
  }
  ::close(descriptor);
}

void peer_program::wait_output(std::string_view text) {
  std::unique_lock lock(mutex_);
  const auto there = [&] { return output_.find(text) != output_.npos; };
  changed_.wait_for(lock, patience, [&] { return closed_ || there(); });
  if (!there()) throw std::runtime_error("a program did not print '" + std::string(text) + "' but:\n" + output_);
}

std::uint16_t peer_program::wait_port(std::string_view mark) {
  wait_output(mark);
  std::unique_lock lock(mutex_);
  const auto at = output_.find(mark) + mark.size();
  changed_.wait_for(lock, patience, [&] { return closed_ || output_.find('\n', at) != output_.npos; });
  return static_cast<std::uint16_t>(std::stoi(output_.substr(at)));
}

std::string peer_program::output() const {
  std::lock_guard guard(mutex_);
  return output_;
}

void peer_program::kill(int signal) {
  if (pid_ > 0) ::kill(pid_, signal);
}

int peer_program::wait() {
  if (pid_ > 0) {
    status_ = wait_for_process(pid_);
    pid_ = -1;
  }
  if (reader_.joinable()) reader_.join();
  return status_;
}

}  // namespace troupe::test
