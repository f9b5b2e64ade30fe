/// audience: many clients of one character, all of them subscribed; the first of
/// them speaks, and it counts when the last one knows that the turn has ended.
/// Connects, tells `ready`, waits for a line on standard input, then `--turns`.
/// Every client must have got every event: the start, deltas without a gap, the
/// end, and the same words as all others.
///
/// visits: clients that go from character to character, each of them once: from
/// `init_request` to `init_response`. `--from N --step N --count N` chooses them.

#include "bench/load/character_frames.hpp"
#include "bench/load/client_loop.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/scenarios.hpp"

#include <algorithm>
#include <ctime>
#include <vector>

namespace troupe::bench {
namespace {

/// A reply that is no success; only the first is shown.
bool failed(std::string_view frame, std::uint64_t& errors) {
  if (frame.find(R"("success":true)") != frame.npos) return false;
  if (errors++ == 0) std::fprintf(stderr, "bench_load: %s\n", std::string(frame.substr(0, 300)).c_str());
  return true;
}

/// What one client has heard of the turn that is under way.
struct listener {
  std::string turn;         ///< none: it has not begun
  std::uint64_t bytes = 0;  ///< of the reply
  std::uint64_t words = 0;  ///< their hash
  bool ended = false;
};

class audience final : public client_events {
 public:
  explicit audience(const load_options& options)
      : loop_(options.port(), options.text("path", "/character"), *this),
        clients_(static_cast<std::uint32_t>(options.whole("connections", 1000))),
        turns_(options.whole("turns", 30)),
        warm_up_(options.whole("warm_up", 3)),
        listeners_(clients_),
        // A character lets in 64 at once.
        parallel_(std::min(clients_, 32u)),
        init_(masked_frame(init_request(0))),
        subscribe_(masked_frame(R"({"message_type":"subscribe_request","message_id":"s"})")),
        say_(masked_frame(R"({"message_type":"chat_request","message_id":"c","user_message":")"
                          + options.text("text", "Tell me about yourself.") + R"("})")) {}

  int run() {
    while (started_ < parallel_) loop_.open(started_++);
    wait_until([this] { return subscribed_ == clients_; });
    for (std::uint64_t i = 0; i < warm_up_ && healthy(); ++i) turn();
    events_ = 0;
    const auto bytes_before = loop_.bytes_in();
    times_ = {};
    report("subscribed", subscribed_);
    std::puts("ready");
    std::fflush(stdout);
    if (std::getchar() == EOF) return 1;
    const auto used_before = std::clock();
    for (std::uint64_t i = 0; i < turns_ && healthy(); ++i) turn();
    report("own_cpu_us", static_cast<double>(std::clock() - used_before) / CLOCKS_PER_SEC * 1e6
                             / static_cast<double>(std::max<std::uint64_t>(1, events_)));
    return tell(static_cast<double>(loop_.bytes_in() - bytes_before));
  }

  void opened(std::uint32_t client) override { loop_.send(client, init_); }
  void closed(std::uint32_t) override { ++errors_; }

  void frame(std::uint32_t client, std::string_view payload) override {
    const auto got = read_character_frame(payload);
    if (got.kind == character_frame_kind::reply) return reply(client, got.type, payload);
    ++events_;
    auto& state = listeners_[client];
    bool right = false;
    switch (got.kind) {
      case character_frame_kind::started:
        right = state.turn.empty() && !got.turn.empty();
        state.turn = got.turn;
        break;
      case character_frame_kind::delta:
        right = state.turn == got.turn && !state.ended && got.offset == state.bytes;
        state.bytes += unescaped_size(got.text);
        for (const unsigned char byte : got.text) state.words = (state.words ^ byte) * 1099511628211u;
        break;
      case character_frame_kind::ended:
        right = state.turn == got.turn && !state.ended && state.bytes > 0;
        state.ended = true;
        if (++ended_ == clients_) last_ended_ = now_ns();
        break;
      default: break;
    }
    if (!right && wrong_++ == 0)
      std::fprintf(stderr, "bench_load: unexpected: %s\n", std::string(payload.substr(0, 300)).c_str());
  }

 private:
  bool healthy() const { return errors_ == 0 && loop_.failures() == 0; }

  /// Not for ever: what does not come is told as missing.
  template <class Condition>
  void wait_until(Condition condition) {
    const auto limit = now_ns() + 30'000'000'000;
    while (!condition() && healthy() && now_ns() < limit) loop_.step(now_ns() + 100'000'000);
    if (!condition()) ++errors_;
  }

  void reply(std::uint32_t client, std::string_view type, std::string_view payload) {
    if (failed(payload, errors_)) return;
    if (type == "init_response") {
      loop_.send(client, subscribe_);
    } else if (type == "subscribe_response") {
      ++subscribed_;
      if (started_ < clients_) loop_.open(started_++);
    } else if (type == "chat_response") {
      answered_ = true;
    }
  }

  void turn() {
    std::fill(listeners_.begin(), listeners_.end(), listener{});
    ended_ = 0;
    answered_ = false;
    const auto begin = now_ns();
    loop_.send(0, say_);
    wait_until([this] { return answered_ && ended_ == clients_; });
    if (ended_ < clients_) return;
    times_.record(last_ended_ - begin);
    reply_bytes_ = listeners_[0].bytes;
    for (auto& each : listeners_)
      if (each.bytes != listeners_[0].bytes || each.words != listeners_[0].words) ++wrong_;
  }

  int tell(double bytes) {
    report("turns", static_cast<double>(times_.count()));
    report("median_ms", static_cast<double>(times_.percentile(0.5)) / 1e6);
    report("p99_ms", static_cast<double>(times_.percentile(0.99)) / 1e6);
    report("max_ms", static_cast<double>(times_.max()) / 1e6);
    report("events", static_cast<double>(events_));
    report("bytes", bytes);
    report("reply_bytes", static_cast<double>(reply_bytes_));
    report("wrong", static_cast<double>(wrong_));
    report("errors", static_cast<double>(errors_));
    return times_.count() == turns_ && wrong_ == 0 && healthy() ? 0 : 1;
  }

  client_loop loop_;
  const std::uint32_t clients_;
  const std::uint64_t turns_;
  const std::uint64_t warm_up_;
  std::vector<listener> listeners_;
  const std::uint32_t parallel_;
  const std::string init_, subscribe_, say_;
  histogram times_;
  std::uint32_t started_ = 0;
  std::uint32_t subscribed_ = 0;
  std::uint32_t ended_ = 0;
  std::uint64_t last_ended_ = 0;
  bool answered_ = false;
  std::uint64_t events_ = 0;
  std::uint64_t reply_bytes_ = 0;
  std::uint64_t wrong_ = 0;
  std::uint64_t errors_ = 0;
};

class visits final : public client_events {
 public:
  explicit visits(const load_options& options)
      : loop_(options.port(), options.text("path", "/character"), *this),
        next_(options.whole("from", 0)),
        step_(options.whole("step", 1)),
        count_(options.whole("count", 1)),
        visitors_(static_cast<std::uint32_t>(std::min(options.whole("connections", 1), count_))),
        asked_at_(visitors_) {}

  int run() {
    const auto begin = now_ns();
    for (std::uint32_t i = 0; i < visitors_; ++i) loop_.open(i);
    const auto limit = begin + 600'000'000'000;
    while (arrived_ < count_ && errors_ == 0 && loop_.failures() == 0 && now_ns() < limit)
      loop_.step(now_ns() + 100'000'000);
    report("visits", static_cast<double>(arrived_));
    report("seconds", static_cast<double>(now_ns() - begin) / 1e9);
    report("median_ms", static_cast<double>(times_.percentile(0.5)) / 1e6);
    report("p99_ms", static_cast<double>(times_.percentile(0.99)) / 1e6);
    report("max_ms", static_cast<double>(times_.max()) / 1e6);
    report("errors", static_cast<double>(errors_));
    return arrived_ == count_ && errors_ == 0 ? 0 : 1;
  }

  void opened(std::uint32_t client) override { go_on(client); }
  void closed(std::uint32_t) override { ++errors_; }
  void frame(std::uint32_t client, std::string_view payload) override {
    times_.record(now_ns() - asked_at_[client]);
    if (failed(payload, errors_)) return;
    ++arrived_;
    go_on(client);
  }

 private:
  void go_on(std::uint32_t client) {
    if (asked_ == count_) return;
    ++asked_;
    const auto request = masked_frame(init_request(next_));
    next_ += step_;
    asked_at_[client] = now_ns();
    loop_.send(client, request);
  }

  client_loop loop_;
  std::uint64_t next_;
  const std::uint64_t step_;
  const std::uint64_t count_;
  const std::uint32_t visitors_;
  std::vector<std::uint64_t> asked_at_;
  histogram times_;
  std::uint64_t asked_ = 0;
  std::uint64_t arrived_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace

int run_audience(const load_options& options) {
  return audience(options).run();
}
int run_visits(const load_options& options) {
  return visits(options).run();
}

}  // namespace troupe::bench
