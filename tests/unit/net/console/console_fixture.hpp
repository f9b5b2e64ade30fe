#pragma once

/// \file
/// A server with the console's routes in front of a made-up inspector, a book
/// of tokens and a clock that the test moves.

#include "../fixture.hpp"
#include "net/dialects/console/console_routes.hpp"
#include "support/temporary_folder.hpp"
#include "support/test_ports.hpp"

#include <functional>
#include <map>

namespace troupe::test {

/// Answers by the first part of the path; `{}` unless told otherwise.
class fake_inspector {
 public:
  using answerer = std::function<inspect_answer(const inspect_query&)>;

  void answer(const std::string& first, answerer with) {
    const std::lock_guard lock(mutex_);
    answers_[first] = std::move(with);
  }
  void answer(const std::string& first, std::string json) {
    answer(first, [json](auto&) { return inspect_answer{200, json}; });
  }
  /// From now on questions that begin so wait for `release`.
  void hold(const std::string& first) {
    const std::lock_guard lock(mutex_);
    held_[first] = true;
  }
  /// Answers what waits, on this thread.
  void release() {
    std::vector<std::function<void()>> late;
    {
      const std::lock_guard lock(mutex_);
      held_.clear();
      late.swap(waiting_);
    }
    for (auto& each : late) each();
  }
  void ask(inspect_query query, std::function<void(inspect_answer)> to) {
    std::unique_lock lock(mutex_);
    const auto first = query.path.front();
    asked_.push_back(query);
    changed_.notify_all();
    const auto found = answers_.find(first);
    auto with = found == answers_.end() ? answerer([](auto&) { return inspect_answer{200, "{}"}; }) : found->second;
    auto work = [with, query, to] { to(with(query)); };
    if (held_.contains(first)) return waiting_.push_back(work);
    lock.unlock();
    work();
  }

  std::vector<inspect_query> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::size_t times(const std::string& first) const {
    const std::lock_guard lock(mutex_);
    return count(first);
  }
  bool wait_asked(const std::string& first, std::size_t times) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return count(first) >= times; });
  }

 private:
  std::size_t count(const std::string& first) const {
    return static_cast<std::size_t>(
        std::count_if(asked_.begin(), asked_.end(), [&](auto& query) { return query.path.front() == first; }));
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, answerer> answers_;
  std::map<std::string, bool> held_;
  std::vector<std::function<void()>> waiting_;
  std::vector<inspect_query> asked_;
};

/// The tokens there are: their text is "NAME-secret".
class token_book {
 public:
  void add(const std::string& name, token_scope scope, std::int64_t made_at = 1) {
    const std::lock_guard lock(mutex_);
    known_[name + "-secret"] = {name, scope, made_at};
  }
  void remove(const std::string& name) {
    const std::lock_guard lock(mutex_);
    known_.erase(name + "-secret");
  }
  std::optional<known_token> find(std::string_view text) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(std::string(text));
    if (found == known_.end()) return std::nullopt;
    return found->second;
  }
  bool has(const known_token& token) const { return find(token.name + "-secret") == token; }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, known_token> known_;
};

/// The tokens "see" (read), "do" (act) and "guest" (a client's) are there.
class console_server {
 public:
  explicit console_server(std::function<void(console::services&, net::server_options&)> change = {}) {
    tokens.add("see", token_scope::read);
    tokens.add("do", token_scope::act);
    tokens.add("guest", token_scope::client);
    net::server_options options;
    options.threads = 1;
    options.local_socket = folder_.file("control.sock");
    auto verify = [this](bool client, std::string_view text) -> std::optional<std::string> {
      const auto found = tokens.find(text);
      if (!found || (found->scope == token_scope::client) != client) return std::nullopt;
      return found->name;
    };
    options.admission.verify = [verify](auto text) { return verify(true, text); };
    options.admission.verify_operator = [verify](auto text) { return verify(false, text); };
    console::services with;
    with.ask = [this](auto query, auto to) { inspector.ask(std::move(query), std::move(to)); };
    with.verify = [this](auto text) { return tokens.find(text); };
    with.still_known = [this](auto& token) { return tokens.has(token); };
    with.clock = &clock;
    with.random = &random_;
    with.version = "1.2.3";
    with.pages = {{"index.html", "<!doctype html><title>console</title>"}, {"js/app.js", "export {};"}};
    if (change) change(with, options);
    server_ = std::make_unique<test_server>(std::move(options));
    console::add_routes(server_->routes(), std::move(with));
    server_->start();
  }

  http_client http() const { return http_client(port()); }
  http_client local() const { return http_client(folder_.file("control.sock")); }
  std::uint16_t port() const { return server_->port(); }
  std::string host() const { return "127.0.0.1:" + std::to_string(port()); }
  void move_seconds(std::int64_t seconds) { clock.move(seconds * 1'000'000'000); }

  http_reply log_in(const std::string& token, std::map<std::string, std::string> headers = {}) const {
    headers.emplace("content-type", "application/json");
    return http().post("/console/api/login", R"({"token":")" + token + R"("})", std::move(headers));
  }
  /// "troupe_console=..." of a fresh login.
  std::string cookie(const std::string& token) const {
    const auto reply = log_in(token);
    if (reply.status != 200) throw std::runtime_error("login: " + reply.body);
    const auto& set = reply.headers.at("set-cookie");
    return set.substr(0, set.find(';'));
  }
  unsigned status(const std::string& path, std::map<std::string, std::string> headers = {}) const {
    return http().get(path, std::move(headers)).status;
  }
  unsigned post_status(const std::string& path, std::map<std::string, std::string> headers = {}) const {
    return http().post(path, "", std::move(headers)).status;
  }

  test_clock clock;
  fake_inspector inspector;
  token_book tokens;

 private:
  temporary_folder folder_;
  test_random random_;
  std::unique_ptr<test_server> server_;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

inline std::map<std::string, std::string> bearer(const std::string& token) {
  return {{"Authorization", "Bearer " + token}};
}

}  // namespace troupe::test
