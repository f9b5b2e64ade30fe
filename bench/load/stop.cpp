/// stop: a client asks for a long answer, does not read until its socket and
/// the server's queue for it are full, then sends a stop and reads. Silence is
/// when the last piece of the answer has come and the server's `ended` after it.

#include "bench/load/answers.hpp"
#include "bench/load/client_loop.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/paced_text.hpp"
#include "bench/load/scenarios.hpp"

#include <sys/ioctl.h>

namespace troupe::bench {
namespace {

class stop final : public client_events {
 public:
  explicit stop(const load_options& options)
      : loop_(options.port(), options.path(), *this),
        rounds_(options.whole("rounds", 100)),
        fill_ns_(options.whole("fill_ms", 100) * 1'000'000),
        request_(masked_frame(
            R"({"type":"start_text_session","payload":{"session_type":"explain","content":{"selected_text":")"
            + to_text({options.whole("burst", 2 << 20) / 512, 10'000'000, 1000, 512})
            + R"(","user_query":""},"memories":[]}})")),
        stop_(masked_frame(R"({"type":"stop_text_session","payload":{}})")) {}

  int run() {
    loop_.receive_buffer(512 * 1024);
    loop_.open(0);
    while (!open_ && loop_.failures() == 0) loop_.step(now_ns() + 100'000'000);
    for (std::uint64_t i = 0; i < rounds_ && !broken_; ++i) round();
    report("rounds", static_cast<double>(silence_.count()));
    report("silence_median_ms", static_cast<double>(silence_.percentile(0.5)) / 1e6);
    report("silence_p99_ms", static_cast<double>(silence_.percentile(0.99)) / 1e6);
    report("silence_max_ms", static_cast<double>(silence_.max()) / 1e6);
    report("late_pieces", static_cast<double>(late_));
    report("kib_after_stop", static_cast<double>(bytes_after_) / 1024 / static_cast<double>(rounds_));
    if (silence_.count() == rounds_ && late_ == 0) return 0;
    std::fprintf(stderr, "bench_load: %llu of %llu rounds ended, %llu late pieces\n",
                 static_cast<unsigned long long>(silence_.count()), static_cast<unsigned long long>(rounds_),
                 static_cast<unsigned long long>(late_));
    return 1;
  }

  void opened(std::uint32_t) override { open_ = true; }
  void closed(std::uint32_t) override {
    std::fprintf(stderr, "bench_load: the server closed the connection\n");
    broken_ = true;
  }

  void frame(std::uint32_t, std::string_view payload) override {
    const auto got = read_answer(payload);
    if (got.kind == answer_kind::piece) {
      began_ = true;
      if (stopped_at_ != 0) bytes_after_ += payload.size();
      if (ended_) ++late_;
    } else if (got.kind == answer_kind::ended) {
      ended_ = true;
      silence_.record(now_ns() - stopped_at_);
    } else if (got.kind == answer_kind::error) {
      std::fprintf(stderr, "bench_load: %s\n", std::string(got.text).c_str());
      broken_ = true;
    }
  }

 private:
  void round() {
    began_ = ended_ = false;
    stopped_at_ = 0;
    const auto limit = now_ns() + 10'000'000'000;
    loop_.send(0, request_);
    while (!began_ && !broken_ && now_ns() < limit) loop_.step(limit);
    loop_.read(0, false);
    wait_until_full();
    stopped_at_ = now_ns();
    loop_.send(0, stop_);
    loop_.read(0, true);
    while (!ended_ && !broken_ && now_ns() < limit) loop_.step(limit);
    if (!ended_) {
      std::fprintf(stderr, "bench_load: round %llu: no %s within 10 s\n",
                   static_cast<unsigned long long>(silence_.count() + 1), began_ ? "answer to the stop" : "answer");
      broken_ = true;
    }
    // What of the stopped answer still came now would be a fault.
    loop_.run(now_ns() + 20'000'000);
  }

  /// The kernel takes no more, and the server has had time to fill its queue.
  void wait_until_full() {
    int before = -1;
    for (int waiting = 0; !broken_; before = waiting) {
      loop_.run(now_ns() + 20'000'000);
      ::ioctl(loop_.descriptor(0), FIONREAD, &waiting);
      if (waiting > 0 && waiting == before) break;
    }
    loop_.run(now_ns() + fill_ns_);
  }

  client_loop loop_;
  const std::uint64_t rounds_;
  const std::uint64_t fill_ns_;
  const std::string request_;
  const std::string stop_;
  histogram silence_;
  std::uint64_t stopped_at_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t bytes_after_ = 0;
  bool open_ = false;
  bool began_ = false;
  bool ended_ = false;
  bool broken_ = false;
};

}  // namespace

int run_stop(const load_options& options) {
  return stop(options).run();
}

}  // namespace troupe::bench
