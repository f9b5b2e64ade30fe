/// echo: every client sends a text and waits for it to come back (closed loop),
/// or texts are sent at a fixed rate, come what may (open loop: `--rate` per
/// second, latency counted from the moment a text was due).
///
/// Texts differ in turn, so a lost, doubled or swapped one is seen.

#include "bench/load/client_loop.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/scenarios.hpp"

#include <deque>

namespace troupe::bench {
namespace {

constexpr std::size_t variants = 16;

class echo final : public client_events {
 public:
  explicit echo(const load_options& options)
      : loop_(options.port(), options.path(), *this), clients_(options.whole("connections", 1)) {
    const auto size = options.whole("size", 64);
    for (std::size_t i = 0; i < variants; ++i) {
      payloads_.emplace_back(size, static_cast<char>('a' + i));
      frames_.push_back(masked_frame(payloads_.back()));
    }
  }

  int run(const load_options& options) {
    for (std::uint32_t i = 0; i < clients_.size(); ++i) loop_.open(i);
    const auto limit = now_ns() + 20'000'000'000;
    while (open_ < clients_.size() && loop_.failures() == 0 && now_ns() < limit) loop_.step(now_ns() + 100'000'000);
    if (open_ < clients_.size()) return 1;
    const double rate = options.number("rate", 0);
    const double seconds = options.number("seconds", 2);
    measure_from_ = now_ns() + static_cast<std::uint64_t>(options.number("warmup", 0.3) * 1e9);
    measure_until_ = measure_from_ + static_cast<std::uint64_t>(seconds * 1e9);
    if (rate > 0) {
      open_loop(static_cast<std::uint64_t>(1e9 / rate));
    } else {
      closed_loop_ = true;
      for (std::uint32_t i = 0; i < clients_.size(); ++i) send(i, now_ns());
      loop_.run(measure_until_);
    }
    report("messages_per_second", static_cast<double>(latency_.count()) / seconds);
    report("median_us", static_cast<double>(latency_.percentile(0.5)) / 1e3);
    report("p99_us", static_cast<double>(latency_.percentile(0.99)) / 1e3);
    report("bytes_in", static_cast<double>(loop_.bytes_in()));
    report("wrong", static_cast<double>(wrong_));
    report("failures", static_cast<double>(loop_.failures()));
    return wrong_ + loop_.failures() == 0 ? 0 : 1;
  }

  void opened(std::uint32_t) override { ++open_; }

  void frame(std::uint32_t client, std::string_view payload) override {
    auto& state = clients_[client];
    if (state.sent_at.empty() || payload != payloads_[state.received++ % variants]) {
      ++wrong_;
      return;
    }
    const auto sent = state.sent_at.front();
    state.sent_at.pop_front();
    const auto now = now_ns();
    if (now >= measure_from_ && now < measure_until_) latency_.record(now - sent);
    if (closed_loop_) send(client, now);
  }

 private:
  struct client_state {
    std::deque<std::uint64_t> sent_at;
    std::size_t sent = 0;
    std::size_t received = 0;
  };

  void send(std::uint32_t client, std::uint64_t due) {
    auto& state = clients_[client];
    state.sent_at.push_back(due);
    loop_.send(client, frames_[state.sent++ % variants]);
  }

  void open_loop(std::uint64_t every_ns) {
    std::uint64_t due = now_ns();
    std::uint32_t next = 0;
    while (now_ns() < measure_until_) {
      for (; due <= now_ns(); due += every_ns) send(next++ % static_cast<std::uint32_t>(clients_.size()), due);
      loop_.step(due);
    }
  }

  client_loop loop_;
  std::vector<client_state> clients_;
  std::vector<std::string> payloads_;
  std::vector<std::string> frames_;
  histogram latency_;
  std::uint64_t measure_from_ = ~std::uint64_t{0};
  std::uint64_t measure_until_ = 0;
  std::uint64_t wrong_ = 0;
  std::size_t open_ = 0;
  bool closed_loop_ = false;
};

}  // namespace

int run_echo(const load_options& options) {
  return echo(options).run(options);
}

}  // namespace troupe::bench
