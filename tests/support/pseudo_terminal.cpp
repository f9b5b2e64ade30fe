#include "support/pseudo_terminal.hpp"

#include "support/http_client.hpp"
#include "support/spawn.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

namespace troupe::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

bool pseudo_terminal::available() {
  int ours = -1, programs = -1;
  if (::openpty(&ours, &programs, nullptr, nullptr, nullptr) != 0) return false;
  ::close(ours);
  ::close(programs);
  return true;
}

pseudo_terminal::pseudo_terminal(options with) {
  for (auto* name : {"PATH", "LD_LIBRARY_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) with.environment.emplace(name, value);
  std::vector<std::string> settings;
  for (auto& [name, value] : with.environment) settings.emplace_back(name).append("=").append(value);
  auto arguments = pointers(with.command);
  auto variables = pointers(settings);
  winsize size{with.rows, with.columns, 0, 0};
  pid_ = ::forkpty(&descriptor_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error("no pseudo-terminal could be had");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(arguments[0], arguments.data(), variables.data());
    ::_exit(127);
  }
}

pseudo_terminal::~pseudo_terminal() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    wait();
  }
  ::close(descriptor_);
}

void pseudo_terminal::type(std::string_view keys) {
  while (!keys.empty()) {
    const auto size = ::write(descriptor_, keys.data(), keys.size());
    if (size <= 0) throw std::runtime_error("the terminal is gone: " + output_);
    keys.remove_prefix(static_cast<std::size_t>(size));
  }
}

void pseudo_terminal::resize(unsigned short rows, unsigned short columns) {
  const winsize size{rows, columns, 0, 0};
  if (::ioctl(descriptor_, TIOCSWINSZ, &size) != 0) throw std::runtime_error("the terminal has no size");
}

bool pseudo_terminal::read_some(int milliseconds) {
  pollfd ready{descriptor_, POLLIN, 0};
  if (::poll(&ready, 1, milliseconds) <= 0) return true;
  char buffer[4096];
  const auto size = ::read(descriptor_, buffer, sizeof buffer);
  if (size <= 0) return false;
  output_.append(buffer, static_cast<std::size_t>(size));
  return true;
}

bool pseudo_terminal::shows(std::string_view text) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + patience;
  while (clock::now() < end) {
    const auto mark = output_.size();
    type("\x0c");
    const auto again = clock::now() + std::chrono::milliseconds(300);
    while (clock::now() < again) {
      if (!read_some(50)) return output_.find(text, mark) != output_.npos;
      if (output_.find(text, mark) != output_.npos) return true;
    }
  }
  return false;
}

bool pseudo_terminal::prints(std::string_view text) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + patience;
  for (bool more = true; clock::now() < end; more = more && read_some(50)) {
    if (const auto at = output_.find(text, printed_); at != output_.npos) {
      printed_ = at + text.size();
      return true;
    }
    if (!more) return false;
  }
  return false;
}

int pseudo_terminal::wait() {
  while (read_some(-1)) {
  }
  const int status = wait_for_process(pid_);
  pid_ = -1;
  return status;
}

}  // namespace troupe::test
