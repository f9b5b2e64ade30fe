/// turns: every client asks, reads the answer to its `complete`, and asks again
/// (after `--pause_ms`, if given). `--action explain` teaches the agent nothing,
/// `--action chat` does.

#include "bench/load/answers.hpp"
#include "bench/load/client_loop.hpp"
#include "bench/load/histogram.hpp"
#include "bench/load/scenarios.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace troupe::bench {
namespace {

class turns final : public client_events {
 public:
  explicit turns(const load_options& options)
      : loop_(options.port(), options.path(), *this),
        clients_(options.whole("connections", 16)),
        pause_ns_(options.whole("pause_ms", 0) * 1'000'000) {
    std::string request = R"({"type":"text_action","action":")" + options.text("action", "explain") + R"(","text":")"
                          + options.text("text", "The tide comes in twice a day.") + '"';
    if (const auto question = options.text("question", ""); !question.empty())
      request += R"(,"additional_prompt":")" + question + '"';
    request_ = masked_frame(request + '}');
  }

  int run(const load_options& options) {
    for (std::uint32_t i = 0; i < clients_.size(); ++i) loop_.open(i);
    const auto limit = now_ns() + 30'000'000'000;
    while (open_ < clients_.size() && loop_.failures() == 0 && now_ns() < limit) loop_.step(now_ns() + 100'000'000);
    const double seconds = options.number("seconds", 2);
    const auto begin = now_ns();
    measure_from_ = begin + static_cast<std::uint64_t>(options.number("warmup", 0.3) * 1e9) + pause_ns_;
    measure_until_ = measure_from_ + static_cast<std::uint64_t>(seconds * 1e9);
    for (std::uint32_t i = 0; i < clients_.size(); ++i) due_.push({begin + i * pause_ns_ / clients_.size(), i});
    while (now_ns() < measure_until_ && errors_ == 0) {
      for (; !due_.empty() && due_.top().first <= now_ns(); due_.pop()) ask(due_.top().second);
      loop_.step(due_.empty() ? measure_until_ : std::min(measure_until_, due_.top().first));
    }
    report("turns_per_second", static_cast<double>(whole_.count()) / seconds);
    report("median_ms", static_cast<double>(whole_.percentile(0.5)) / 1e6);
    report("p99_ms", static_cast<double>(whole_.percentile(0.99)) / 1e6);
    report("first_median_ms", static_cast<double>(first_.percentile(0.5)) / 1e6);
    report("first_p99_ms", static_cast<double>(first_.percentile(0.99)) / 1e6);
    report("pieces_per_turn", static_cast<double>(pieces_) / static_cast<double>(std::max<std::uint64_t>(1, all_)));
    report("errors", static_cast<double>(errors_));
    return errors_ + loop_.failures() == 0 ? 0 : 1;
  }

  void opened(std::uint32_t) override { ++open_; }
  void closed(std::uint32_t) override { ++errors_; }

  void frame(std::uint32_t client, std::string_view payload) override {
    const auto got = read_answer(payload);
    auto& state = clients_[client];
    const auto now = now_ns();
    const bool counts = now >= measure_from_ && now < measure_until_;
    if (got.kind == answer_kind::piece) {
      ++pieces_;
      if (counts && !state.begun) first_.record(now - state.asked);
      state.begun = true;
    } else if (got.kind == answer_kind::complete) {
      ++all_;
      if (counts) whole_.record(now - state.asked);
      if (pause_ns_ == 0)
        ask(client);
      else
        due_.push({now + pause_ns_, client});
    } else if (got.kind == answer_kind::error) {
      if (errors_++ == 0) std::fprintf(stderr, "bench_load: %s\n", std::string(got.text).c_str());
    }
  }

 private:
  struct client_state {
    std::uint64_t asked = 0;
    bool begun = false;
  };
  using moment = std::pair<std::uint64_t, std::uint32_t>;

  void ask(std::uint32_t client) {
    clients_[client] = {now_ns(), false};
    loop_.send(client, request_);
  }

  client_loop loop_;
  std::vector<client_state> clients_;
  std::priority_queue<moment, std::vector<moment>, std::greater<>> due_;
  const std::uint64_t pause_ns_;
  std::string request_;
  histogram whole_;
  histogram first_;
  std::uint64_t measure_from_ = ~std::uint64_t{0};
  std::uint64_t measure_until_ = 0;
  std::uint64_t pieces_ = 0;
  std::uint64_t all_ = 0;
  std::uint64_t errors_ = 0;
  std::size_t open_ = 0;
};

}  // namespace

int run_turns(const load_options& options) {
  return turns(options).run(options);
}

}  // namespace troupe::bench
