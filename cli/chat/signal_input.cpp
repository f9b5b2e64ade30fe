#include "cli/chat/signal_input.hpp"

#include <initializer_list>

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace troupe::chat {

namespace {

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t out;
  sigemptyset(&out);
  for (const int each : signals) sigaddset(&out, each);
  return out;
}

const std::initializer_list<int> ending = {SIGINT, SIGTERM, SIGHUP};

void mask(int how, std::initializer_list<int> signals) {
  const auto set = set_of(signals);
  ::pthread_sigmask(how, &set, nullptr);
}

}  // namespace

signal_input::signal_input() {
  ::signal(SIGPIPE, SIG_IGN);
  hold();
  const auto set = set_of(ending);
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

signal_input::~signal_input() {
  ::close(descriptor_);
}

void signal_input::hold() {
  mask(SIG_BLOCK, ending);
  mask(SIG_BLOCK, {SIGWINCH});
}

void signal_input::obey() {
  mask(SIG_UNBLOCK, ending);
}

void signal_input::read_them() {
  mask(SIG_BLOCK, ending);
  mask(SIG_UNBLOCK, {SIGWINCH});
}

int read_signal(int descriptor) {
  signalfd_siginfo signal{};
  return ::read(descriptor, &signal, sizeof signal) == sizeof signal ? static_cast<int>(signal.ssi_signo) : 0;
}

}  // namespace troupe::chat
