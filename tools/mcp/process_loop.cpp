#include "tools/mcp/process_loop.hpp"

#include "tools/mcp/running_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <sys/eventfd.h>
#include <unistd.h>

namespace troupe::mcp {
namespace {

constexpr std::size_t polls_per_process = 4;

}  // namespace

process_loop::process_loop(std::chrono::milliseconds grace)
    : grace_(grace), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!wake_.is_open()) throw std::runtime_error("no eventfd can be made");
  // Signals belong to the main thread; a write to a process that has just
  // ended must be an error here, not SIGPIPE.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

process_loop::~process_loop() {
  {
    std::lock_guard lock(guard_);
    stopping_ = true;
  }
  wake_loop();
  thread_.join();
}

void process_loop::open(std::shared_ptr<process_link> link) {
  {
    std::lock_guard lock(guard_);
    to_open_.push_back(std::move(link));
  }
  wake_loop();
}

void process_loop::nudge() {
  wake_loop();
}

std::size_t process_loop::running() const {
  std::lock_guard lock(guard_);
  return running_count_ + to_open_.size();
}

void process_loop::wake_loop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] auto written = write(wake_.get(), &one, sizeof one);
}

void process_loop::start_new() {
  std::vector<std::shared_ptr<process_link>> links;
  bool stopping = false;
  {
    std::lock_guard lock(guard_);
    links.swap(to_open_);
    stopping = stopping_;
    running_count_ += links.size();
  }
  for (auto& link : links) {
    if (stopping) {
      close_link(*link, {failure_kind::unavailable, "is not started any more: the server stops"}, {});
      continue;
    }
    auto child = child_process::start(link->command);
    if (!child)
      close_link(*link, child.error(), {});
    else
      processes_.push_back(std::make_unique<running_process>(link, std::move(*child), grace_));
  }
  if (!stopping) return;
  for (auto& each : processes_) each->begin_end({failure_kind::unavailable, "was ended: the server stops"});
}

int process_loop::next_timeout() const {
  const running_process::time_point* first = nullptr;
  for (auto& each : processes_)
    if (auto* due = each->deadline(); due && (!first || *due < *first)) first = due;
  if (!first) return -1;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*first - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count() + 1));
}

void process_loop::run() {
  std::vector<pollfd> polls;
  while (true) {
    start_new();
    {
      std::lock_guard lock(guard_);
      running_count_ = processes_.size();
      if (stopping_ && processes_.empty() && to_open_.empty()) return;
    }
    polls.assign(1, {wake_.get(), POLLIN, 0});
    for (auto& each : processes_) each->append_polls(polls);
    if (poll(polls.data(), polls.size(), next_timeout()) < 0 && errno != EINTR) continue;
    if (polls.front().revents != 0) {
      std::uint64_t count = 0;
      [[maybe_unused]] auto got = read(wake_.get(), &count, sizeof count);
    }
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      processes_[i]->take_polls(&polls[1 + i * polls_per_process]);
      processes_[i]->serve();
    }
    std::erase_if(processes_, [](auto& each) { return each->is_over(); });
  }
}

}  // namespace troupe::mcp
