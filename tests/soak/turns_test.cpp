// Nothing of a turn stays behind: thousands of them, against a model and a tool
// that answer at once, whole ones, ones with tool calls, refused, stopped and
// deserted ones, and the server is as large after the last as after the first
// fifth, but for what the journal's write buffers hold until they are full.
// TROUPE_SOAK_TURNS sets how many (10,000; with a sanitizer 1,000, which finds
// leaks in its own way and makes memory no measure).

#include "instant_peers.hpp"
#include "support/catch.hpp"
#include "support/live_server.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace troupe::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif

constexpr std::size_t talkers = 4, rounds = 5, turns_of_a_session = 25;
constexpr std::size_t write_buffers_kib = 16 * 1024;  ///< storage/database_open.cpp: all of them together

std::size_t turns() {
  const char* text = std::getenv("TROUPE_SOAK_TURNS");
  return text && *text ? std::strtoull(text, nullptr, 10) : sanitized ? 1000 : 10'000;
}

struct footprint {
  std::size_t memory_kib = 0;  ///< resident and its own: without mapped files
  std::size_t descriptors = 0;
  std::size_t threads = 0;
  std::size_t journal_kib = 0;  ///< written to the log, and so held in write buffers
};

std::size_t log_kib(const std::string& folder) {
  std::size_t bytes = 0;
  for (auto& each : std::filesystem::directory_iterator(folder))
    if (each.path().extension() == ".log") bytes += each.file_size();
  return bytes / 1024;
}

std::size_t entries(const std::string& folder) {
  std::size_t count = 0;
  for (auto& each : std::filesystem::directory_iterator(folder)) count += each.exists() || each.is_symlink();
  return count;
}

footprint of(const live_server& server) {
  const auto folder = "/proc/" + std::to_string(server.pid());
  footprint out{0, entries(folder + "/fd"), entries(folder + "/task"), log_kib(server.data_dir() + "/store")};
  std::ifstream in(folder + "/status");
  for (std::string word; in >> word;)
    if (word == "RssAnon:") in >> out.memory_kib;
  return out;
}

/// One client: what it does is decided by the turn's number.
class talker {
 public:
  talker(const live_server& server, std::size_t number) : server_(server), number_(number) {}

  void turns(std::size_t count) {
    client_.emplace(server_.connect());
    for (std::size_t i = 0; i < count; ++i, ++turn_) {
      if (turn_ % turns_of_a_session == 0) stop();
      turn();
    }
    client_->socket().close();
    client_.reset();
  }

 private:
  void turn() {
    switch (turn_ % 20) {
      case 3: return expect(ask("Pay").text, "That is all.");
      case 7: return expect(type_of(ask("Refuse").end), "error");
      case 11: begin("Wait"); return stop();
      case 15:
        // A kept conversation's turn goes on without its client, to its end.
        begin(is_kept() ? "Say something" : "Wait");
        client_->socket().drop();
        client_.emplace(server_.connect());
        return;
      default: return expect(ask("Say something").text, "That is all.");
    }
  }
  std::string words(const std::string& what) const {
    return text_action("chat", what + " " + std::to_string(turn_), is_kept() ? R"(,"numbered":true)" : "");
  }
  /// Every other session, for a client that may resume it.
  bool is_kept() const { return (turn_ / turns_of_a_session + number_) % 2 == 0; }
  luna_answer ask(const std::string& what) { return client_->request(words(what)); }
  /// Until the first piece of the answer is there.
  void begin(const std::string& what) {
    client_->send(words(what));
    auto frame = client_->next();
    while (type_of(frame) == "text_turn_started") frame = client_->next();
    expect(type_of(frame), "chunk");
  }
  void stop() {
    client_->send(R"({"type":"stop_text_session"})");
    client_->rest();
  }
  static void expect(const std::string& found, const std::string& wanted) {
    if (found != wanted) throw std::runtime_error("\"" + found + "\" instead of \"" + wanted + "\"");
  }

  const live_server& server_;
  const std::size_t number_;
  std::size_t turn_ = 0;
  std::optional<luna_client> client_;
};

void wait_for_tool(const live_server& server, const instant_peers& peers) {
  auto client = server.connect();
  const auto end = std::chrono::steady_clock::now() + patience;
  while (peers.calls() == 0) {
    client.say("Pay");
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the tool never came");
  }
}

}  // namespace

TEST_CASE("nothing of a turn stays behind in memory, descriptors or threads") {
  const instant_peers peers;
  temporary_folder folder;
  std::ofstream(folder.file("troupe.toml")) << "[mcp.instant]\nurl = \"" << peers.tool_url() << "\"\n";
  live_server server(settings_map{{"MODEL", "openai:scripted"},
                                  {"OPENAI_BASE_URL", peers.model_url()},
                                  {"OPENAI_API_KEY", "test-key"},
                                  {"LOG_LEVEL", "error"},
                                  {"SESSION_IDLE_MS", "20"},
                                  {"MEMORY_IDLE_MS", "20"}},
                     {"--config", folder.file("troupe.toml")});
  wait_for_tool(server, peers);
  std::vector<talker> clients;
  for (std::size_t i = 0; i < talkers; ++i) clients.emplace_back(server, i);
  const auto share = turns() / talkers / rounds;
  std::vector<footprint> after;
  std::size_t written_kib = 0;  ///< since the first round
  const auto all_talk = [&] {
    std::vector<std::string> problems(talkers);
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < talkers; ++i)
        threads.emplace_back([&, i] {
          try {
            clients[i].turns(share);
          } catch (const std::exception& problem) {
            problems[i] = problem.what();
          }
        });
    }
    for (auto& problem : problems) REQUIRE(problem == "");
  };
  // The clock keeps a turn's runner until its deadline for recalling is over,
  // 2 s. What is compared begins when as many go as come.
  for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(3);
       std::chrono::steady_clock::now() < end;)
    all_talk();
  for (std::size_t round = 1; round <= rounds; ++round) {
    all_talk();
    REQUIRE(server.health_becomes(
        [](auto& health) { return health.at("active_clients") == 0 && health.at("active_text_sessions") == 0; }));
    after.push_back(of(server));
    const auto& now = after.back();
    if (round > 1) {
      const auto& before = after[round - 2];
      // The log begins anew when a buffer has gone into a file.
      written_kib += now.journal_kib > before.journal_kib ? now.journal_kib - before.journal_kib : now.journal_kib;
    }
    std::printf("after %zu turns: %zu KiB, %zu descriptors, %zu threads; log %zu KiB\n", round * share * talkers,
                now.memory_kib, now.descriptors, now.threads, now.journal_kib);
  }
  CHECK(peers.calls() >= share * talkers * rounds / 20);
  for (auto& now : after) {
    CHECK(now.threads == after.front().threads);
    // Kept connections to the model and the tool, and the store's files.
    CHECK(now.descriptors <= after.front().descriptors + 16);
  }
  if (sanitized) return;
  // In a buffer a row takes up to twice its bytes of the log (keys, towers, size
  // classes). The rest is the allocator's: an actor left behind by each turn
  // would be 8 MiB.
  const auto buffered_kib = std::min(2 * written_kib, write_buffers_kib);
  CAPTURE(written_kib, buffered_kib);
  CHECK(after.back().memory_kib <= after.front().memory_kib + buffered_kib + 2048);
}
