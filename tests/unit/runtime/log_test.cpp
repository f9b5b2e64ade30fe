#include "runtime/log.hpp"

#include "runtime/log_line.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <simdjson.h>

#include <fstream>
#include <future>
#include <iterator>
#include <limits>
#include <mutex>
#include <vector>

using namespace troupe;

namespace {

const std::chrono::system_clock::time_point noon{std::chrono::milliseconds(1767268800123)};

std::string line(log::format form, std::string_view event, log::fields fields = {}) {
  return log::detail::format_line(form, noon, log::level::info, event, fields);
}

/// Starts the log with its lines collected; ends it with the test.
class collected_log {
 public:
  explicit collected_log(log::options wanted = {}) {
    wanted.output = [this](std::string_view line) { lines_.emplace_back(line); };
    REQUIRE(log::init(std::move(wanted)).has_value());
  }
  ~collected_log() { log::shutdown(); }

  const std::vector<std::string>& ended() {
    log::shutdown();
    return lines_;
  }

 private:
  std::vector<std::string> lines_;  // written by the log's thread, read after it ended
};

std::string content(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("a text line has time, level, event and fields") {
  CHECK(line(log::format::text, "client_connected",
             {{"client", "c17"},
              {"peer", "127.0.0.1:80"},
              {"port", 80},
              {"below", -1},
              {"ok", true},
              {"ms", 1.5}}) ==
        "2026-01-01T12:00:00.123Z info client_connected client=c17 peer=127.0.0.1:80 port=80 below=-1 "
        "ok=true ms=1.5");
  CHECK(line(log::format::text, "started") == "2026-01-01T12:00:00.123Z info started");
  CHECK(line(log::format::text, "x", {{"a", ""}, {"b", "two words"}, {"c", "k=v"}})
        == R"(2026-01-01T12:00:00.123Z info x a="" b="two words" c="k=v")");
}

TEST_CASE("a JSON line parses and keeps the fields' types") {
  auto text = line(log::format::json, "client_connected",
                   {{"client", "c\"17\n"},
                    {"most", std::numeric_limits<std::uint64_t>::max()},
                    {"below", -1},
                    {"ok", false},
                    {"ms", 1.5},
                    {"none", std::numeric_limits<double>::infinity()},
                    {"bytes", "\xFF"}});
  simdjson::dom::parser parser;
  simdjson::dom::element parsed = parser.parse(text);
  CHECK(std::string_view(parsed["time"]) == "2026-01-01T12:00:00.123Z");
  CHECK(std::string_view(parsed["level"]) == "info");
  CHECK(std::string_view(parsed["event"]) == "client_connected");
  CHECK(std::string_view(parsed["client"]) == "c\"17\n");
  CHECK(std::uint64_t(parsed["most"]) == std::numeric_limits<std::uint64_t>::max());
  CHECK(std::int64_t(parsed["below"]) == -1);
  CHECK_FALSE(bool(parsed["ok"]));
  CHECK(double(parsed["ms"]) == 1.5);
  CHECK(parsed["none"].is_null());
  CHECK(std::string_view(parsed["bytes"]) == "\xEF\xBF\xBD");
}

TEST_CASE("a field cannot forge a line or steer a terminal") {
  const std::string evil =
      "x\n2026-01-01T12:00:00.123Z error forged\r\x1b[2J\xC2\x9B"
      "31m\xE2\x80\xAE";
  for (auto form : {log::format::text, log::format::json}) {
    auto text = line(form, "event", {{"peer", evil}});
    CHECK(text.find_first_of("\n\r\x1b") == std::string::npos);
    CHECK(text.find("\xC2\x9B") == std::string::npos);
    CHECK(text.find("\xE2\x80\xAE") == std::string::npos);
    CHECK(text.find(R"(x\n2026)") != std::string::npos);
  }
  CHECK(line(log::format::text, "x", {{"peer", "a client=c1"}}).ends_with(R"(peer="a client=c1")"));
  CHECK(line(log::format::text, "an event\n").ends_with(R"("an event\n")"));
}

TEST_CASE("a long field is cut") {
  auto text = line(log::format::text, "x", {{"peer", std::string(5000, 'a')}});
  CHECK(text.ends_with("peer=" + std::string(1024, 'a')));
}

TEST_CASE("fields that name secrets or content are masked") {
  for (auto key : {"token", "Authorization", "x-api-key", "password", "text", "content"}) {
    CHECK(line(log::format::text, "x", {{key, "tr0ub4dor"}}).find("tr0ub4dor") == std::string::npos);
    CHECK(line(log::format::json, "x", {{key, "tr0ub4dor"}}).find("********") != std::string::npos);
  }
  CHECK(line(log::format::text, "x", {{"tokens", 5}}).ends_with("tokens=5"));
}

TEST_CASE("secrets in a request target are masked") {
  CHECK(log::redact("/ws") == "/ws");
  CHECK(log::redact("/ws?") == "/ws?");
  CHECK(log::redact("/ws?token=abc") == "/ws?token=********");
  CHECK(log::redact("/ws?v=2&TOKEN=abc&x") == "/ws?v=2&TOKEN=********&x");
  CHECK(log::redact("/ws?t%6fken=abc&key=abc") == "/ws?t%6fken=********&key=********");
}

TEST_CASE("lines below the level are not written") {
  log::options wanted;
  wanted.lowest = log::level::info;
  collected_log collected(wanted);
  CHECK_FALSE(log::enabled(log::level::debug));
  log::trace("one");
  log::debug("two");
  log::info("three", {{"client", "c1"}});
  log::warn("four");
  log::error("five");
  auto lines = collected.ended();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].ends_with(" info three client=c1"));
  CHECK(lines[1].ends_with(" warn four"));
  CHECK(lines[2].ends_with(" error five"));
}

TEST_CASE("a stuck output holds up nobody, and what it costs is counted") {
  std::promise<void> begun, go_on;
  std::vector<std::string> lines;
  log::options wanted;
  wanted.queue_lines = 8;
  wanted.output = [&, first = true](std::string_view line) mutable {
    if (std::exchange(first, false)) {
      begun.set_value();
      go_on.get_future().wait();
    }
    lines.emplace_back(line);
  };
  REQUIRE(log::init(std::move(wanted)).has_value());
  log::info("stuck");
  begun.get_future().wait();
  // With the output stuck, every one of these would block an unbounded wait.
  for (int i = 0; i < 100; ++i) log::info("line", {{"number", i}});
  auto dropped = log::dropped_lines();
  CHECK(dropped > 0);
  go_on.set_value();
  log::shutdown();
  REQUIRE(lines.size() >= 2);
  CHECK(lines.front().ends_with("stuck"));
  CHECK(lines.back().find("log_lines_dropped count=") != std::string::npos);
  CHECK(lines[lines.size() - 2].ends_with("line number=99"));
  CHECK(log::dropped_lines() == 0);
}

TEST_CASE("the log file is rotated and old files go") {
  test::temporary_folder folder;
  log::options wanted;
  wanted.file = folder.file("made/for/it/troupe.log");
  wanted.file_max_size = 4096;
  wanted.file_count = 2;
  collected_log collected(wanted);
  for (int i = 0; i < 400; ++i) log::info("line", {{"number", i}});
  REQUIRE(collected.ended().size() == 400);
  CHECK(content(folder.file("made/for/it/troupe.log")).find("number=399\n") != std::string::npos);
  for (auto name : {"troupe.log", "troupe.1.log", "troupe.2.log"}) {
    auto text = content(folder.file("made/for/it/") + name);
    CHECK(text.size() <= 4096);
    CHECK(text.find(" info line number=") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(folder.file("made/for/it/troupe.3.log")));
}

TEST_CASE("a log file that cannot be opened is an error with its path, and the log goes on") {
  test::temporary_folder folder;
  std::ofstream(folder.file("plain")) << "x";
  collected_log collected;
  log::options wanted;
  wanted.file = folder.file("plain/troupe.log");
  auto result = log::init(wanted);
  REQUIRE(result.has_error());
  CHECK(result.error().kind == failure_kind::unavailable);
  CHECK(result.error().message.find(folder.file("plain/troupe.log")) != std::string::npos);
  log::info("still_here");
  REQUIRE(collected.ended().size() == 1);
}

TEST_CASE("the log takes its options from the settings") {
  config::settings settings;
  settings.data_dir = "/data";
  settings.log_level = config::log_level::debug;
  settings.log_format = config::log_format::json;
  settings.log_file_max_size = 5000;
  settings.log_file_count = 3;
  auto options = log::options_of(settings);
  CHECK_FALSE(options.file);
  settings.log_to_file = true;
  options = log::options_of(settings);
  CHECK(options.file == "/data/troupe.log");
  CHECK(options.lowest == log::level::debug);
  CHECK(options.form == log::format::json);
  CHECK(options.file_max_size == 5000);
  CHECK(options.file_count == 3);
}

TEST_CASE("many threads may log at once") {
  log::options wanted;
  wanted.queue_lines = 10000;
  collected_log collected(wanted);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) log::info("line", {{"thread", t}, {"number", i}});
    });
  for (auto& thread : threads) thread.join();
  CHECK(collected.ended().size() == 2000);
}
