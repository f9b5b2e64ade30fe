#pragma once

/// \file
/// The reference server "everything" (tests/npm) over stdio, streamable HTTP
/// or HTTP+SSE of 2024-11-05, and the tool actor that talks to it, on real threads.
///
/// Over stdio the actor starts and restarts the process; over HTTP the stage does.

#include "model_call.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_config.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"
#include "support/npm_programs.hpp"
#include "support/peer_program.hpp"
#include "tools/mcp_connect.hpp"

#include <caf/all.hpp>

#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <optional>
#include <set>

#include <signal.h>
#include <unistd.h>

namespace troupe::test {

/// What went over a connection.
class message_log {
 public:
  void sent(const std::string& text) { add(sent_, text); }
  void received(const std::string& text) { add(received_, text); }
  bool was_sent(std::string_view text) const { return wait(sent_, text, 0s); }
  bool was_received(std::string_view text) const { return wait(received_, text, 0s); }
  bool wait_sent(std::string_view text) const { return wait(sent_, text, 20s); }
  bool wait_received(std::string_view text) const { return wait(received_, text, 20s); }
  void forget() {
    std::lock_guard guard(mutex_);
    sent_.clear();
    received_.clear();
  }

 private:
  void add(std::string& to, const std::string& text) {
    std::lock_guard guard(mutex_);
    to += text + "\n";
    changed_.notify_all();
  }
  bool wait(const std::string& in, std::string_view text, std::chrono::seconds limit) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return in.find(text) != in.npos; });
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string sent_, received_;
};

/// A transport that writes down what passes.
class logged_transport final : public mcp::transport {
 public:
  logged_transport(std::unique_ptr<mcp::transport> inner, std::shared_ptr<message_log> log)
      : inner_(std::move(inner)), log_(std::move(log)) {}
  void send(mcp::outgoing message) override {
    const auto text = message.text;
    inner_->send(std::move(message));
    log_->sent(text);
  }
  mcp::transport_event poll() override {
    auto event = inner_->poll();
    if (event.what == mcp::transport_event::kind::message) log_->received(event.text);
    return event;
  }
  void abandon(std::int64_t request) override { inner_->abandon(request); }
  void established(http_headers headers) override { inner_->established(std::move(headers)); }
  bool use_older_http() override { return inner_->use_older_http(); }
  void finish() override { inner_->finish(); }

 private:
  std::unique_ptr<mcp::transport> inner_;
  std::shared_ptr<message_log> log_;
};

using future_result = std::future<expected<tool_result>>;

inline expected<tool_result> take(future_result& from) {
  if (from.wait_for(20s) != std::future_status::ready) return failure{failure_kind::timeout, "no answer in 20 s"};
  return from.get();
}

/// Processes that we have started, directly.
inline std::set<pid_t> children() {
  std::set<pid_t> out;
  for (auto& each : std::filesystem::directory_iterator("/proc")) {
    const auto name = each.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(each.path() / "stat");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto end = text.rfind(')');
    if (end != std::string::npos && std::stoi(text.substr(end + 4)) == getpid()) out.insert(std::stoi(name));
  }
  return out;
}

/// Asks one question, hands the answer to a promise and ends. A role, since
/// ThreadSanitizer sees only what passes through the actor base.
template <class Answer, class Question>
struct asker_state {
  static constexpr const char* name = "asker";
  using self_pointer = role<asker_state>*;
  using answer_promise = std::shared_ptr<std::promise<expected<Answer>>>;
  explicit asker_state(self_pointer self) : self_(self) {}
  caf::behavior start(answer_promise promise, caf::actor whom, Question question) {
    self_->request(whom, caf::infinite, question)
        .then([this, promise](const Answer& answer) { done(promise, answer); },
              [this, promise](caf::error& error) { done(promise, to_failure(error)); });
    return {[](const tool_sweep&) {}};
  }
  void done(const answer_promise& promise, expected<Answer> answer) {
    promise->set_value(std::move(answer));
    self_->quit();
  }
  self_pointer self_;
};

enum class everything_over { stdio, streamable_http, http_sse };

struct everything_options {
  std::chrono::milliseconds call_limit{20000};
};

class everything_stage {
 public:
  explicit everything_stage(everything_over transport, everything_options options = {}) : transport_(transport) {
    config::mcp_server_settings settings;
    settings.name = "everything";
    settings.timeout = settings.stream_timeout = options.call_limit;
    if (is_http()) {
      restart_server();
      const std::string path = transport == everything_over::http_sse ? "/sse" : "/mcp";
      settings.url = "http://127.0.0.1:" + std::to_string(port_) + path;
    } else {
      settings.command = {node_program(), script(), "stdio"};
    }
    auto deps = mcp_deps_of(settings, "0.1", processes_, http_.get(), clock_);
    deps.first_pause = 10ms;
    deps.longest_pause = 50ms;
    // It says at once that it does not know the question; a slow machine has the time to.
    deps.probe_limit = 10s;
    deps.start_limit = 20s;
    deps.connect = [inner = deps.connect, log = log](std::function<void()> wake) {
      return std::make_unique<logged_transport>(inner(std::move(wake)), log);
    };
    actor_ = spawn<mcp_server_role>(services_, {}, deps);
    if (!ready()) throw std::runtime_error("the server did not list its tools: " + state());
  }

  ~everything_stage() {
    caf::anon_send_exit(actor_, caf::exit_reason::kill);
    actor_ = nullptr;
    system_.await_all_actors_done();
  }

  /// Waits until tools are listed.
  bool ready() {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (tool_names().empty() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(2ms);
    return !tool_names().empty();
  }

  std::vector<std::string> tool_names() {
    std::vector<std::string> names;
    auto listed = request<tools_listed>(tools_query{}).get();
    if (listed)
      for (auto& each : listed->tools) names.push_back(each.name);
    return names;
  }

  future_result begin(std::string tool, std::string arguments = "{}", std::string id = "c") {
    return request<tool_result>(tool_start{{1, 1, 0}, {std::move(id), std::move(tool), std::move(arguments), {}}});
  }
  tool_result call(std::string tool, std::string arguments = "{}") {
    auto answer = begin(std::move(tool), std::move(arguments));
    auto result = take(answer);
    if (!result) throw std::runtime_error("the call was refused: " + result.error().message);
    return *result;
  }
  void cancel(std::string id) { caf::anon_send(actor_, tool_cancel{{1, 1, 0}, std::move(id)}); }

  void kill_server() {
    if (is_http()) {
      program_->kill(SIGKILL);
      program_->wait();
    } else {
      for (const auto pid : children())
        if (command_of(pid).find(script()) != std::string::npos) ::kill(pid, SIGKILL);
    }
  }
  /// On the port it had, if it had one. Over stdio that is the actor's to do.
  void restart_server() {
    if (!is_http()) return;
    const std::string mode = transport_ == everything_over::http_sse ? "sse" : "streamableHttp";
    program_ = std::make_unique<peer_program>(peer_program::options{
        {node_program(), "--import", npm_file("loopback.mjs"), script(), mode}, {{"PORT", std::to_string(port_)}}});
    port_ = program_->wait_port("loopback port ");
  }

  std::string state() {
    auto text = request<actor_state>(actor_state_query{}).get();
    return text ? text->json : text.error().message;
  }

  std::shared_ptr<message_log> log = std::make_shared<message_log>();

 private:
  static std::string script() { return npm_file("node_modules/@modelcontextprotocol/server-everything/dist/index.js"); }
  bool is_http() const { return transport_ != everything_over::stdio; }
  static std::string command_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  template <class Answer, class Question>
  std::future<expected<Answer>> request(Question question) {
    auto promise = std::make_shared<std::promise<expected<Answer>>>();
    spawn<role<asker_state<Answer, Question>>>(services_, {}, promise, actor_, question);
    return promise->get_future();
  }

  everything_over transport_;
  std::uint16_t port_ = 0;
  std::unique_ptr<peer_program> program_;
  std::shared_ptr<troupe::http_client> http_ = real_client();
  system_config config_;
  system_clock_port clock_;
  system_random random_;
  thread_pool pool_{1, 10};
  actor_registry registry_;
  std::shared_ptr<mcp::process_loop> processes_ = std::make_shared<mcp::process_loop>(50ms);
  caf::actor_system system_{config_};
  node_services services_{system_, clock_, random_, pool_, registry_, false};
  caf::actor actor_;
};

}  // namespace troupe::test
