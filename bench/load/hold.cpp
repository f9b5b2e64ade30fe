/// hold: connects clients and keeps them, until a line comes on standard input.
/// cycles: connects and disconnects, half of the clients with a closing
/// handshake, half with a reset.
///
/// A client counts as connected when the server's greeting has come
/// (`--greeting 1`), after one whole turn (`--turn 1`), or else when the
/// upgrade was answered.

#include "bench/load/client_loop.hpp"
#include "bench/load/scenarios.hpp"

#include <algorithm>

#include <poll.h>

namespace troupe::bench {
namespace {

class connector : public client_events {
 public:
  explicit connector(const load_options& options)
      : loop_(options.port(), options.path(), *this),
        total_(static_cast<std::uint32_t>(options.whole("connections", 1000))),
        parallel_(static_cast<std::uint32_t>(options.whole("parallel", 200))),
        greeting_(options.whole("greeting", 0) != 0),
        turn_(options.whole("turn", 0) != 0),
        request_(masked_frame(R"({"type":"text_action","action":"explain","text":"the tide"})")) {}

  void opened(std::uint32_t client) override {
    if (!greeting_) connected(client);
  }
  void frame(std::uint32_t client, std::string_view payload) override {
    if (greeting_ && payload.starts_with(R"({"type":"client_registered")")) {
      if (turn_)
        loop_.send(client, request_);
      else
        connected(client);
    } else if (turn_ && payload.starts_with(R"({"type":"complete")")) {
      connected(client);
    } else if (payload.starts_with(R"({"type":"error")")) {
      ++errors_;
    }
  }

 protected:
  virtual void connected(std::uint32_t client) = 0;

  client_loop loop_;
  const std::uint32_t total_;
  const std::uint32_t parallel_;
  const bool greeting_;
  const bool turn_;
  const std::string request_;
  std::uint64_t errors_ = 0;
};

class hold final : public connector {
 public:
  using connector::connector;

  int run(const load_options& options) {
    const auto begin = now_ns();
    const auto limit = begin + options.whole("limit_s", 120) * 1'000'000'000;
    while (started_ < std::min(total_, parallel_)) loop_.open(started_++);
    while (ready_ < total_ && now_ns() < limit && loop_.failures() < total_ / 10 + 10)
      loop_.step(now_ns() + 100'000'000);
    report("connected", ready_);
    report("connect_seconds", static_cast<double>(now_ns() - begin) / 1e9);
    report("errors", static_cast<double>(errors_));
    report("failures", static_cast<double>(loop_.failures()));
    std::puts("ready");
    std::fflush(stdout);
    for (pollfd input{0, POLLIN, 0}; ::poll(&input, 1, 0) == 0;) loop_.step(now_ns() + 50'000'000);
    return ready_ == total_ ? 0 : 1;
  }

 private:
  void connected(std::uint32_t) override {
    ++ready_;
    if (started_ < total_) loop_.open(started_++);
  }
  void closed(std::uint32_t) override {
    if (started_ < total_) loop_.open(started_++);
  }

  std::uint32_t started_ = 0;
  std::uint32_t ready_ = 0;
};

class cycles final : public connector {
 public:
  using connector::connector;

  int run() {
    const auto slots = std::min(total_, parallel_);
    const auto begin = now_ns();
    while (started_ < slots) begin_next(started_);
    while (done_ < total_ && loop_.failures() < 100 && now_ns() < begin + 300'000'000'000)
      loop_.step(now_ns() + 100'000'000);
    report("cycles", static_cast<double>(done_));
    report("seconds", static_cast<double>(now_ns() - begin) / 1e9);
    report("errors", static_cast<double>(errors_));
    report("failures", static_cast<double>(loop_.failures()));
    return done_ >= total_ && loop_.failures() == 0 ? 0 : 1;
  }

 private:
  void begin_next(std::uint32_t client) {
    ++started_;
    loop_.open(client);
  }
  void connected(std::uint32_t client) override {
    const bool abrupt = started_ % 2 == 0;
    loop_.close(client, abrupt);
    if (abrupt) finished(client);
  }
  void closed(std::uint32_t client) override { finished(client); }
  void finished(std::uint32_t client) {
    ++done_;
    if (started_ < total_) begin_next(client);
  }

  std::uint32_t started_ = 0;
  std::uint32_t done_ = 0;
};

}  // namespace

int run_hold(const load_options& options) {
  return hold(options).run(options);
}
int run_cycles(const load_options& options) {
  return cycles(options).run();
}

}  // namespace troupe::bench
