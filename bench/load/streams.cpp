/// streams: many clients, each with one answer that comes record by record at a
/// pace; how long after its moment each record is there, and whether every byte
/// came in order. `--stalled N` adds clients that never read and whose answer
/// (`--stalled_bytes`) fills the socket and the server's queue for it.

#include "bench/load/answers.hpp"
#include "bench/load/client_loop.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/paced_text.hpp"
#include "bench/load/scenarios.hpp"

namespace troupe::bench {
namespace {

std::string request_frame(const paced_order& order) {
  return masked_frame(R"({"type":"text_action","action":"explain","text":")" + to_text(order) + R"("})");
}

class streams final : public client_events {
 public:
  explicit streams(const load_options& options)
      : loop_(options.port(), options.path(), *this),
        readers_(static_cast<std::uint32_t>(options.whole("connections", 1000))),
        stalled_(static_cast<std::uint32_t>(options.whole("stalled", 0))) {
    order_ = {0, options.whole("count", 500), options.whole("pace_us", 20'000), options.whole("size", 32)};
    constexpr std::uint64_t large = 1024;
    stalled_order_ = {options.whole("stalled_bytes", 3 << 20) / large, 1'000'000, 100'000, large};
    checkers_.assign(readers_, record_checker(order_.size));
    done_.assign(readers_, false);
  }

  int run() {
    for (std::uint32_t i = 0; i < readers_ + stalled_; ++i) loop_.open(i);
    while (open_ < readers_ + stalled_ && loop_.failures() == 0) loop_.step(now_ns() + 100'000'000);
    begin_stalled();
    begin_readers();
    const auto length = (order_.count + 1) * order_.pace_us * 1000;
    const auto limit = now_ns() + length + 30'000'000'000;
    while (finished_ < readers_ && now_ns() < limit && errors_ == 0) loop_.step(now_ns() + 100'000'000);
    return tell();
  }

  void opened(std::uint32_t) override { ++open_; }
  void closed(std::uint32_t client) override {
    if (client >= readers_)
      ++stalled_lost_;
    else
      ++errors_;
  }

  void frame(std::uint32_t client, std::string_view payload) override {
    const auto got = read_answer(payload);
    if (client >= readers_) return;
    switch (got.kind) {
      case answer_kind::piece: {
        ++frames_;
        const auto now = now_ns();
        checkers_[client].feed(got.text, [&](std::uint64_t due) { delay_.record(now > due ? now - due : 0); });
        if (checkers_[client].records() == order_.count) finish(client);
        break;
      }
      case answer_kind::complete: finish(client); break;
      case answer_kind::error:
        if (errors_++ == 0) std::fprintf(stderr, "bench_load: %s\n", std::string(got.text).c_str());
        break;
      default: break;
    }
  }

 private:
  void finish(std::uint32_t client) {
    if (done_[client]) return;
    done_[client] = true;
    ++finished_;
  }

  void begin_stalled() {
    const auto request = request_frame(stalled_order_);
    for (std::uint32_t i = readers_; i < readers_ + stalled_; ++i) {
      loop_.read(i, false);
      loop_.send(i, request);
    }
    // Until nothing more fits into its socket.
    if (stalled_ > 0) loop_.run(now_ns() + 1'000'000'000);
  }

  /// Spread over a second: a thousand conversations do not begin at once.
  void begin_readers() {
    const auto request = request_frame(order_);
    const auto begin = now_ns();
    for (std::uint32_t i = 0; i < readers_; ++i) {
      loop_.run(begin + i * (1'000'000'000ull / readers_));
      loop_.send(i, request);
    }
  }

  int tell() {
    std::uint64_t records = 0, wrong = 0, bytes = 0;
    for (auto& each : checkers_) {
      records += each.records();
      wrong += each.wrong();
      bytes += each.bytes();
    }
    const auto expected = readers_ * order_.count;
    report("records", static_cast<double>(records));
    report("missing", static_cast<double>(expected) - static_cast<double>(records));
    report("wrong", static_cast<double>(wrong));
    report("frames", static_cast<double>(frames_));
    report("bytes", static_cast<double>(bytes));
    report("median_ms", static_cast<double>(delay_.percentile(0.5)) / 1e6);
    report("p99_ms", static_cast<double>(delay_.percentile(0.99)) / 1e6);
    report("max_ms", static_cast<double>(delay_.max()) / 1e6);
    report("stalled_lost", static_cast<double>(stalled_lost_));
    report("errors", static_cast<double>(errors_));
    return records == expected && wrong == 0 && errors_ == 0 ? 0 : 1;
  }

  client_loop loop_;
  const std::uint32_t readers_;
  const std::uint32_t stalled_;
  paced_order order_;
  paced_order stalled_order_;
  std::vector<record_checker> checkers_;
  std::vector<bool> done_;
  histogram delay_;
  std::uint64_t frames_ = 0;
  std::uint64_t errors_ = 0;
  std::uint32_t open_ = 0;
  std::uint32_t finished_ = 0;
  std::uint32_t stalled_lost_ = 0;
};

}  // namespace

int run_streams(const load_options& options) {
  return streams(options).run();
}

}  // namespace troupe::bench
