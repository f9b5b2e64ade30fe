#include "tools/mcp/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::mcp {
namespace {

struct pipe_ends {
  descriptor read;
  descriptor write;
};

expected<pipe_ends> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return failure{failure_kind::unavailable, std::string("no pipe could be made: ") + std::strerror(errno)};
  return pipe_ends{descriptor(ends[0]), descriptor(ends[1])};
}

/// Where the program is. Looked up before the fork, after which only a few
/// functions may be called.
std::optional<std::string> find_program(const process_command& command) {
  const auto& name = command.words.front();
  if (name.find('/') != std::string::npos) return name;
  const auto found = command.environment.find("PATH");
  std::string_view path = "/usr/local/bin:/usr/bin:/bin";
  if (found != command.environment.end()) path = found->second;
  while (true) {
    const auto end = path.find(':');
    const auto folder = path.substr(0, end);
    auto full = std::string(folder.empty() ? "." : folder) + "/" + name;
    if (access(full.c_str(), X_OK) == 0) return full;
    if (end == std::string_view::npos) return std::nullopt;
    path.remove_prefix(end + 1);
  }
}

/// Everything the child needs, laid out before the fork.
struct start_plan {
  std::string program;
  std::vector<char*> words;
  std::vector<std::string> settings;
  std::vector<char*> environment;
  int input = -1, output = -1, errors = -1, report = -1;
  pid_t parent = 0;
};

[[noreturn]] void give_up(int report) {
  const int error = errno;
  [[maybe_unused]] auto written = write(report, &error, sizeof error);
  _exit(127);
}

/// In the child: functions that are safe after a fork only.
[[noreturn]] void become(const start_plan& plan) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &plain, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Above 2, where the report pipe is too: no descriptor here is below 3
  // unless the server itself was started with closed ones.
  if (dup2(plan.input, 0) < 0 || dup2(plan.output, 1) < 0 || dup2(plan.errors, 2) < 0) give_up(plan.report);
  syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC);
  execve(plan.program.c_str(), plan.words.data(), plan.environment.data());
  give_up(plan.report);
}

/// A descriptor of 3 or above, so that `dup2` onto 0, 1 and 2 overwrites none of them.
expected<int> lifted(descriptor& which) {
  if (which.get() > 2) return which.get();
  const int higher = fcntl(which.get(), F_DUPFD_CLOEXEC, 3);
  if (higher < 0) return failure{failure_kind::unavailable, std::strerror(errno)};
  which = descriptor(higher);
  return higher;
}

/// The child's errno if it could not become the program, 0 if it did.
int read_report(int from) {
  int error = 0;
  ssize_t got;
  do {
    got = read(from, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof error) ? error : 0;
}

void make_nonblocking(const descriptor& which) {
  fcntl(which.get(), F_SETFL, fcntl(which.get(), F_GETFL) | O_NONBLOCK);
}

}  // namespace

descriptor& descriptor::operator=(descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

void descriptor::close() {
  if (number_ >= 0) ::close(number_);
  number_ = -1;
}

int descriptor::release() {
  return std::exchange(number_, -1);
}

expected<child_process> child_process::start(const process_command& command) {
  if (command.words.empty() || command.words.front().empty())
    return failure{failure_kind::invalid, "no program is named"};
  const auto program = find_program(command);
  if (!program) return failure{failure_kind::not_found, "the program \"" + command.words.front() + "\" is not in PATH"};
  std::array<pipe_ends, 4> pipes;  // input, output, errors, report
  for (auto& each : pipes) {
    auto made = make_pipe();
    if (!made) return made.error();
    each = std::move(*made);
  }
  start_plan plan;
  for (auto* each : {&pipes[0].read, &pipes[1].write, &pipes[2].write, &pipes[3].write})
    if (auto higher = lifted(*each); !higher) return higher.error();
  plan.program = *program;
  plan.input = pipes[0].read.get();
  plan.output = pipes[1].write.get();
  plan.errors = pipes[2].write.get();
  plan.report = pipes[3].write.get();
  plan.parent = getpid();
  for (auto& word : command.words) plan.words.push_back(const_cast<char*>(word.c_str()));
  plan.words.push_back(nullptr);
  for (auto& [name, value] : command.environment) plan.settings.push_back(name + "=" + value);
  for (auto& each : plan.settings) plan.environment.push_back(each.data());
  plan.environment.push_back(nullptr);

  const pid_t pid = fork();
  if (pid == 0) become(plan);
  if (pid < 0)
    return failure{failure_kind::unavailable, std::string("no process could be made: ") + std::strerror(errno)};
  setpgid(pid, pid);  // whoever is first; after this line the group is there
  child_process made;
  made.pid_ = pid;
  made.pidfd_ = descriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  for (auto* each : {&pipes[0].read, &pipes[1].write, &pipes[2].write, &pipes[3].write}) each->close();
  const int error = read_report(pipes[3].read.get());
  if (error != 0) {
    made.reap();
    return failure{error == ENOENT ? failure_kind::not_found : failure_kind::unavailable,
                   "the program \"" + command.words.front() + "\" cannot be started: " + std::strerror(error)};
  }
  if (!made.pidfd_.is_open())
    return failure{failure_kind::unavailable, "the kernel gives no pidfd (5.3 or newer is needed)"};
  made.input = std::move(pipes[0].write);
  made.output = std::move(pipes[1].read);
  made.errors = std::move(pipes[2].read);
  for (auto* each : {&made.input, &made.output, &made.errors}) make_nonblocking(*each);
  return made;
}

child_process::child_process(child_process&& other) noexcept
    : input(std::move(other.input)),
      output(std::move(other.output)),
      errors(std::move(other.errors)),
      pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)) {}

child_process::~child_process() {
  if (pid_ < 0) return;
  signal(SIGKILL);
  reap();
}

void child_process::signal(int number) {
  if (pid_ > 0) kill(-pid_, number);
}

std::string child_process::reap() {
  if (pid_ < 0) return "has ended";
  siginfo_t how{};
  int result;
  do {
    result = waitid(P_PID, static_cast<id_t>(pid_), &how, WEXITED | WNOWAIT);
  } while (result != 0 && errno == EINTR);
  signal(SIGKILL);
  do {
    result = waitid(P_PID, static_cast<id_t>(pid_), &how, WEXITED);
  } while (result != 0 && errno == EINTR);
  pid_ = -1;
  if (result != 0) return "has ended";
  if (how.si_code == CLD_EXITED) return "ended with status " + std::to_string(how.si_status);
  return "was killed by signal " + std::to_string(how.si_status);
}

}  // namespace troupe::mcp
