/// turns: every client asks, reads the answer to its `complete`, and asks again
/// (after `--pause_ms`, if given). `--action explain` teaches the agent nothing,
/// `--action chat` does. With `--fresh 1` each turn begins a conversation, so that
/// no long answer comes back in the next prompt.

#include "bench/load/answers.hpp"
#include "bench/load/client_loop.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/turn_times.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace troupe::bench {
namespace {

class turns final : public client_events {
 public:
  explicit turns(const load_options& options)
      : loop_(options.port(), options.path(), *this),
        clients_(static_cast<std::uint32_t>(options.whole("connections", 16))),
        times_(clients_, options.text("text", "")),
        pause_ns_(options.whole("pause_ms", 0) * 1'000'000),
        fresh_(options.whole("fresh", 0) != 0) {
    std::string request = R"({"type":"text_action","action":")" + options.text("action", "explain") + R"(","text":")"
                          + options.text("text", "The tide comes in twice a day.") + '"';
    if (const auto question = options.text("question", ""); !question.empty())
      request += R"(,"additional_prompt":")" + question + '"';
    request_ = masked_frame(request + '}');
  }

  int run(const load_options& options) {
    for (std::uint32_t i = 0; i < clients_; ++i) loop_.open(i);
    const auto limit = now_ns() + 30'000'000'000;
    while (open_ < clients_ && loop_.failures() == 0 && now_ns() < limit) loop_.step(now_ns() + 100'000'000);
    const double seconds = options.number("seconds", 2);
    const auto begin = now_ns();
    const auto from = begin + static_cast<std::uint64_t>(options.number("warmup", 0.3) * 1e9) + pause_ns_;
    const auto until = from + static_cast<std::uint64_t>(seconds * 1e9);
    times_.measure(from, until);
    for (std::uint32_t i = 0; i < clients_; ++i) due_.push({begin + i * pause_ns_ / clients_, i});
    while (now_ns() < until && errors_ == 0) {
      for (; !due_.empty() && due_.top().first <= now_ns(); due_.pop()) ask(due_.top().second);
      loop_.step(due_.empty() ? until : std::min(until, due_.top().first));
    }
    times_.tell(seconds);
    report("errors", static_cast<double>(errors_));
    return errors_ + loop_.failures() + times_.wrong() == 0 ? 0 : 1;
  }

  void opened(std::uint32_t) override { ++open_; }
  void closed(std::uint32_t) override { ++errors_; }

  void frame(std::uint32_t client, std::string_view payload) override {
    const auto got = read_answer(payload);
    if (got.kind == answer_kind::piece) {
      times_.piece(client, got.text);
    } else if (got.kind == answer_kind::complete) {
      times_.ended(client);
      if (pause_ns_ == 0)
        ask(client);
      else
        due_.push({now_ns() + pause_ns_, client});
    } else if (got.kind == answer_kind::error) {
      if (errors_++ == 0) std::fprintf(stderr, "bench_load: %s\n", std::string(got.text).c_str());
    }
  }

 private:
  using moment = std::pair<std::uint64_t, std::uint32_t>;

  void ask(std::uint32_t client) {
    static const auto forget = masked_frame(R"({"type":"stop_text_session"})");
    if (fresh_) loop_.send(client, forget);
    times_.asked(client);
    loop_.send(client, request_);
  }

  client_loop loop_;
  const std::uint32_t clients_;
  turn_times times_;
  std::priority_queue<moment, std::vector<moment>, std::greater<>> due_;
  const std::uint64_t pause_ns_;
  const bool fresh_;
  std::string request_;
  std::uint64_t errors_ = 0;
  std::size_t open_ = 0;
};

}  // namespace

int run_turns(const load_options& options) {
  return turns(options).run(options);
}

}  // namespace troupe::bench
