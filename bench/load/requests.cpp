/// requests: what `turns` asks of a server, asked of the language model itself, by
/// the same clients: every client posts a chat completion (OpenAI's form, HTTP/1.1
/// with a kept connection), reads the stream to its end and posts the next.
/// `--history N` puts N earlier turns into each request, as a conversation has them,
/// `--tools N` as many bytes as its tools' declarations take.

#include "bench/load/client_loop.hpp"
#include "bench/load/scenarios.hpp"
#include "bench/load/turn_times.hpp"

#include <charconv>

namespace troupe::bench {
namespace {

std::string message(const char* role, const std::string& text) {
  return std::string(R"({"role":")") + role + R"(","content":")" + text + R"("})";
}

std::string request_text(std::uint16_t port, const std::string& question, const load_options& options) {
  const auto order = find_order(question).value_or(paced_order{});
  const auto asked = message("user", "Explain the following text clearly and briefly.\\n\\nText:\\n" + question);
  const auto answered = message("assistant", std::string(order.count * order.size, 'x'));
  std::string body = R"({"model":"bench","stream":true,"stream_options":{"include_usage":true},"messages":[)";
  // As long as the one that Luna's dialect sends.
  body += message("system", std::string(201, 's'));
  for (auto i = options.whole("history", 0); i > 0; --i) body += "," + asked + "," + answered;
  body += "," + asked + "]";
  if (const auto tools = options.whole("tools", 0); tools > 0)
    body += R"(,"tools":[{"type":"function","function":{"name":"tool","description":")" + std::string(tools, 't')
            + R"("}}])";
  body += '}';
  return "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port)
         + "\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

class requests final : public client_events {
 public:
  explicit requests(const load_options& options)
      : loop_(options.port(), {}, *this),
        clients_(static_cast<std::uint32_t>(options.whole("connections", 16))),
        times_(clients_, options.text("text", "")),
        request_(request_text(options.port(), options.text("text", ""), options)),
        in_body_(clients_, false) {}

  int run(const load_options& options) {
    for (std::uint32_t i = 0; i < clients_; ++i) loop_.open(i);
    while (open_ < clients_ && loop_.failures() == 0) loop_.step(now_ns() + 100'000'000);
    const double seconds = options.number("seconds", 2);
    const auto from = now_ns() + static_cast<std::uint64_t>(options.number("warmup", 0.3) * 1e9);
    const auto until = from + static_cast<std::uint64_t>(seconds * 1e9);
    times_.measure(from, until);
    for (std::uint32_t i = 0; i < clients_; ++i) ask(i);
    while (now_ns() < until && errors_ == 0) loop_.step(until);
    times_.tell(seconds);
    report("errors", static_cast<double>(errors_));
    return errors_ + loop_.failures() + times_.wrong() == 0 ? 0 : 1;
  }

  void opened(std::uint32_t) override { ++open_; }
  void closed(std::uint32_t) override { ++errors_; }

  std::size_t bytes(std::uint32_t client, std::string_view input) override {
    std::size_t used = 0;
    while (errors_ == 0) {
      const auto took =
          in_body_[client] ? take_chunk(client, input.substr(used)) : take_head(client, input.substr(used));
      if (took == 0) break;
      used += took;
    }
    return used;
  }

 private:
  void ask(std::uint32_t client) {
    times_.asked(client);
    loop_.send(client, request_);
  }

  std::size_t take_head(std::uint32_t client, std::string_view input) {
    const auto end = input.find("\r\n\r\n");
    if (end == input.npos) return 0;
    if (!input.starts_with("HTTP/1.1 200")) return fail(input.substr(0, end));
    in_body_[client] = true;
    return end + 4;
  }

  /// One chunk of the body, which this upstream makes of one event each.
  std::size_t take_chunk(std::uint32_t client, std::string_view input) {
    const auto line = input.find("\r\n");
    if (line == input.npos) return 0;
    std::size_t size = 0;
    if (std::from_chars(input.data(), input.data() + line, size, 16).ptr != input.data() + line)
      return fail(input.substr(0, line));
    const auto whole = line + 2 + size + 2;
    if (input.size() < whole) return 0;
    if (size == 0) {
      in_body_[client] = false;
      times_.ended(client);
      ask(client);
      return whole;
    }
    constexpr std::string_view mark = R"("content":")";
    const auto event = input.substr(line + 2, size);
    if (const auto at = event.find(mark); at != event.npos) {
      const auto text = event.substr(at + mark.size());
      times_.piece(client, text.substr(0, text.find('"')));
    }
    return whole;
  }

  std::size_t fail(std::string_view what) {
    ++errors_;
    std::fprintf(stderr, "bench_load: unexpected from the upstream: %s\n", std::string(what.substr(0, 200)).c_str());
    return 0;
  }

  client_loop loop_;
  const std::uint32_t clients_;
  turn_times times_;
  const std::string request_;
  std::vector<bool> in_body_;
  std::uint64_t errors_ = 0;
  std::size_t open_ = 0;
};

}  // namespace

int run_requests(const load_options& options) {
  return requests(options).run(options);
}

}  // namespace troupe::bench
