// The real program is killed while clients talk to it, again and again on the
// same data, and each time what it says afterwards is compared with what it had
// told them before (DESIGN §1.4). TROUPE_CRASH_ROUNDS sets how often (20),
// TROUPE_CRASH_SEED what is done; when it is killed within a write is up to the
// machine, so a seed repeats a run only roughly.

#include "luna_client.hpp"
#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "support/server_process.hpp"
#include "support/temporary_folder.hpp"

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <thread>

namespace troupe::crash {
namespace {

namespace json = boost::json;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string binary() {
  const char* other = std::getenv("TROUPE_CRASH_BINARY");
  return other ? other : TROUPE_BINARY;
}

/// Mixes, so that neighbouring rounds and clients have nothing in common.
std::uint64_t seed_of(std::uint64_t seed, std::uint64_t round, std::uint64_t what) {
  std::seed_seq mix{seed & 0xffffffff, seed >> 32, round, what};
  std::uint32_t words[2];
  mix.generate(words, words + 2);
  return std::uint64_t{words[0]} << 32 | words[1];
}

class campaign {
 public:
  campaign(std::uint64_t seed, unsigned rounds) : seed_(seed), rounds_(rounds) {
    books_.push_back(std::make_unique<client_book>(0, "default", ""));
    for (unsigned i = 1; i < clients; ++i) {
      const auto name = "client-" + std::to_string(i);
      auto made = run({"token", "add", name});
      while (!made.out.empty() && made.out.back() == '\n') made.out.pop_back();
      if (made.status != 0) found_.push_back("troupe token add: " + made.error);
      books_.push_back(std::make_unique<client_book>(i, "token:" + name, made.out));
    }
  }

  /// False at the first problem.
  bool round(unsigned number) {
    std::mt19937_64 random(seed_of(seed_, number, 1000));
    const bool last = number > rounds_;
    const bool graceful = last || number % 7 == 0;
    // Slow words leave turns open for long, no pause makes many of them.
    static constexpr const char* paces[] = {"0", "0", "1", "4"};
    static constexpr const char* graces[] = {"0", "100", "5000"};
    std::map<std::string, std::string> environment{
        {"LOG_LEVEL", "warn"},
        {"OFFLINE_PACE_MS", paces[random() % 4]},
        {"SHUTDOWN_GRACE_MS", graces[random() % 3]},
        {"SESSION_IDLE_MS", random() % 2 ? "20" : "60000"},
        {"MEMORY_IDLE_MS", random() % 2 ? "20" : "60000"},
    };
    if (!last && random() % 4 == 0) kill_at_start(environment, std::chrono::microseconds(random() % 60000));
    server_process server({binary(), folder_.path(), {}, environment});
    if (!server.start()) {
      server.kill(SIGKILL);
      server.wait();
      found_.push_back("the server does not start: " + server.output());
      return false;
    }
    talk(server, number, last, graceful, std::chrono::microseconds(random() % 400'000));
    const auto status = end_of(server);
    if (status != (graceful ? 0 : 128 + SIGKILL))
      found_.push_back("the server ended with " + std::to_string(status) + ": " + server.output());
    if (last || number % 5 == 0) check_store();
    return found_.empty();
  }

  std::string report() const {
    std::string out;
    for (std::size_t i = 0; i < std::min<std::size_t>(found_.size(), 12); ++i) out += found_[i] + "\n";
    return out + std::to_string(found_.size()) + " problems";
  }
  std::string summary() const {
    std::size_t conversations = 0, events = 0, facts = 0;
    for (auto& book : books_) {
      conversations += book->conversations.size();
      facts += book->facts.size();
      for (auto& each : book->conversations) events += each->log().size();
    }
    return std::to_string(acknowledged_) + " acknowledged turns, " + std::to_string(resumed_) + " resumed amid talk, "
           + std::to_string(conversations) + " conversations with " + std::to_string(events) + " events ("
           + std::to_string(interrupted()) + " interrupted), " + std::to_string(facts) + " facts";
  }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::size_t interrupted() const {
    std::size_t count = 0;
    for (auto& book : books_)
      for (auto& each : book->conversations)
        for (auto& event : each->log()) count += event.kind == "interrupted";
    return count;
  }

 private:
  static constexpr unsigned clients = 7;

  command_output run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), binary());
    arguments.insert(arguments.end(), {"--data-dir", folder_.path()});
    return run_command(arguments, {}, folder_.path());
  }

  /// Its exit status. One that does not end is killed, which shows in it.
  static int end_of(server_process& server) {
    std::jthread watchdog([&](std::stop_token ended) {
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait_for(lock, ended, std::chrono::seconds(60), [] { return false; });
      if (!ended.stop_requested()) server.kill(SIGABRT);
    });
    return server.wait();
  }

  /// What a start has done by then is of any kind: recovery must bear that too.
  void kill_at_start(const std::map<std::string, std::string>& environment, std::chrono::microseconds after) {
    server_process server({binary(), folder_.path(), {}, environment});
    std::jthread killer;
    const auto killed = std::chrono::steady_clock::now() + after;
    killer = std::jthread([&] {
      std::this_thread::sleep_until(killed);
      server.kill(SIGKILL);
    });
    server.start();
    killer.join();
    server.kill(SIGKILL);
    server.wait();
  }

  void talk(server_process& server, unsigned round, bool last, bool graceful, std::chrono::microseconds load) {
    const bool all = last || rounds_ <= 40 || round % 25 == 0;
    std::vector<std::unique_ptr<luna_client>> talkers;
    for (auto& book : books_)
      talkers.push_back(
          std::make_unique<luna_client>(*book, server.port(), seed_of(seed_, round, book->number), graceful));
    std::latch verified(clients), go(1);
    {
      std::vector<std::jthread> threads;
      for (auto& talker : talkers)
        threads.emplace_back([&] {
          talker->verify(all);
          verified.count_down();
          go.wait();
          talker->load();
        });
      verified.wait();
      for (unsigned i = 0; i < clients; ++i) {
        if (talkers[i]->found.empty()) {
          if (all) books_[i]->check_requests(talkers[i]->found);
          check_memory(*books_[i], round % clients == i);
        }
        for (auto& each : talkers[i]->found) found_.push_back(each);
        talkers[i]->found.clear();
      }
      const bool sound = found_.empty();
      if (!sound) server.kill(SIGKILL);
      go.count_down();
      if (sound) {
        std::this_thread::sleep_for(load);  // the random moment, not a synchronisation
        server.kill(graceful ? SIGTERM : SIGKILL);
      }
    }
    if (!found_.empty()) return;
    for (auto& talker : talkers) {
      found_.insert(found_.end(), talker->found.begin(), talker->found.end());
      acknowledged_ += talker->acknowledged;
      resumed_ += talker->resumed;
    }
  }

  /// Through the local socket, or as an operator would.
  void check_memory(const client_book& book, bool by_command) {
    std::string text;
    if (by_command) {
      auto listed = run({"memory", "list", "--space", book.space, "--k", "1000", "--json"});
      if (listed.status != 0) return found_.push_back("troupe memory list: " + listed.error);
      text = listed.out;
      recall_one(book);
    } else {
      test::http_client control(folder_.file("troupe.sock"));
      auto reply = control.post("/control/memory",
                                json::serialize(json::object{{"verb", "list"}, {"space", book.space}, {"k", 1000}}));
      if (reply.status != 200)
        return found_.push_back("listing memory: " + std::to_string(reply.status) + " " + reply.body);
      text = reply.body;
    }
    std::vector<memory_entry> entries;
    auto root = json::parse(text);
    for (auto& item : root.at("records").as_array())
      entries.push_back({std::string(item.at("text").as_string()), item.at("importance").to_number<double>()});
    if (root.at("total").to_number<std::size_t>() != entries.size())
      found_.push_back("memory list: the total is not that of the records");
    book.check_memory(entries, found_);
  }

  /// What is listed is also found.
  void recall_one(const client_book& book) {
    std::map<std::string, std::string> fact_of;
    for (auto& [text, marker] : book.facts) fact_of[marker] = text;
    std::string fact;
    for (auto& each : book.conversations)
      for (std::size_t i = 2; i < each->log().size(); i += 2) {
        if (each->log()[i].kind != "reply") continue;
        const auto told = fact_of.find(find_marker(each->log()[i - 1].text));
        if (told != fact_of.end()) fact = told->second;
      }
    if (fact.empty()) return;
    auto recalled = run({"memory", "recall", fact, "--space", book.space, "--json"});
    if (recalled.status != 0) return found_.push_back("troupe memory recall: " + recalled.error);
    unsigned times = 0;
    const auto answer = json::parse(recalled.out);
    for (auto& hit : answer.at("hits").as_array()) times += hit.at("text").as_string() == fact;
    if (times != 1) found_.push_back("\"" + fact + "\" is recalled " + std::to_string(times) + " times");
  }

  void check_store() {
    auto checked = run({"check"});
    if (checked.status != 0 || checked.out.find("the store is sound") == std::string::npos)
      found_.push_back("troupe check: " + std::to_string(checked.status) + " " + checked.out + checked.error);
  }

  const std::uint64_t seed_;
  const unsigned rounds_;
  test::temporary_folder folder_;
  std::vector<std::unique_ptr<client_book>> books_;
  problems found_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t resumed_ = 0;
};

TEST_CASE("what was acknowledged survives kill -9, once, and nothing else appears") {
  const auto seed = setting("TROUPE_CRASH_SEED", std::random_device{}());
  const auto rounds = static_cast<unsigned>(setting("TROUPE_CRASH_ROUNDS", 20));
  std::printf("TROUPE_CRASH_SEED=%llu TROUPE_CRASH_ROUNDS=%u\n", static_cast<unsigned long long>(seed), rounds);
  std::fflush(stdout);
  campaign test(seed, rounds);
  // One more, whose beginning checks the last kill and whose end is a shutdown.
  for (unsigned round = 1; round <= rounds + 1; ++round) {
    if (round % 25 == 0) std::printf("round %u: %s\n", round, test.summary().c_str()), std::fflush(stdout);
    if (!test.round(round)) FAIL("seed " << seed << ", round " << round << ":\n" << test.report());
  }
  std::printf("%s\n", test.summary().c_str());
  // A test in which nothing happens proves nothing.
  CHECK(test.acknowledged() > rounds);
  if (rounds >= 10) CHECK(test.interrupted() > 0);
}

}  // namespace
}  // namespace troupe::crash
