/// What a character costs that many listen to, and what those cost that sleep:
///
///   * a thousand subscribed clients of one character, one of which speaks: from
///     its `chat_request` until the last of them has `turn_ended`, and the
///     server's processor time per event delivered. Baseline: the same with one;
///   * ten thousand characters that have been met once and are asleep: memory,
///     bytes on disk, and how long it takes to wake one, `init_request` to
///     `init_response`. The next character is met while the last one falls asleep.
///
///     bench_characters [--clients N] [--turns N] [--pairs N] [--asleep N] [--woken N]
///
/// The server is the real program with the offline model; its characters' files
/// are written for the occasion.

#include "bench/load/character_frames.hpp"
#include "bench/load/frames.hpp"
#include "bench/support/child.hpp"
#include "bench/support/options.hpp"
#include "bench/support/pairs.hpp"

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include <sys/stat.h>

using namespace troupe::bench;

namespace {

constexpr const char* description = R"(archetype: patient_neighbour
description: Mends what others give up on, and talks about anything else meanwhile.
demographics:
  age: 61
  occupation: clock mender
  location: the third house from the bridge
  interests: [tides, radio plays, the weather of other places]
personality:
  big_five: {openness: 0.6, conscientiousness: 0.8, extraversion: 0.4, agreeableness: 0.7, neuroticism: 0.3}
  behavioral_traits: [unhurried, exact, remembers what was left unsaid]
  core_values: [do the dull part properly, whoever is awake deserves company]
  quirks: [counts the strokes of every bell]
communication_style:
  verbal_pattern: moderate
  social_comfort: diplomatic
initial_goals:
  - find the missing wheel of the town hall's clock
  - teach the apprentice to listen before opening the case
mood_baseline: {current_state: content, intensity: 0.45, baseline_setpoint: 0.55, emotional_volatility: 0.2}
neurochemical_baseline: {dopamine: 48, serotonin: 66, oxytocin: 62, endorphins: 55, cortisol: 28, adrenaline: 20}
backstory: |
  Came for a week to repair the clock of the ferry house, missed the last boat on purpose, and has
  been wound up by the sound of forty clocks ever since.
)";

void write_characters(const std::string& folder, int count) {
  std::filesystem::create_directories(folder);
  for (int i = 0; i < count; ++i) {
    const auto id = bench_character(static_cast<std::uint64_t>(i));
    std::ofstream file(folder + "/" + id + ".yaml");
    file << "name: Neighbour " << i << "\n" << description;
    if (!file.flush()) throw std::runtime_error("cannot write " + id);
  }
}

running_server start(const std::string& data_dir, const std::string& files, const std::string& idle_ms) {
  return start_troupe(data_dir,
                      {{"MODEL", "offline"}, {"CHARACTER_SCHEMAS_DIR", files}, {"CHARACTER_IDLE_MS", idle_ms}});
}

// -- many listeners -------------------------------------------------------------

/// The load's figures, and "cpu_us" of the server for each event.
results audience(const std::string& clients, const std::string& turns) {
  scratch_folder folder;
  const auto files = folder.path() + "/characters";
  write_characters(files, 1);
  auto server = start(folder.path(), files, "60000");
  results found;
  auto load = start_load("audience", server.port, {"--connections", clients, "--turns", turns}, found);
  const double before = cpu_seconds(server.process->pid());
  load->write_line();
  for (std::string line; load->read_line(line);)
    if (const auto blank = line.find(' '); blank != line.npos)
      found[line.substr(0, blank)] = std::atof(line.c_str() + blank);
  found["cpu_us"] = (cpu_seconds(server.process->pid()) - before) / found["events"] * 1e6;
  if (found["status"] = load->wait(); found["status"] != 0)
    std::fprintf(stderr, "note: bench_load audience ended with %.0f\n", found["status"]);
  stop(server);
  return found;
}

bool many_listeners(const bench_options& options) {
  const auto clients = options.text("clients"), turns = options.text("turns");
  pairs middle, tail, cpu;
  results last;
  double wrong = 0, events = 0, bad = 0;
  for (int i = 0; i < options.whole("pairs"); ++i) {
    auto [one, all] = run_pair(
        i, [&] { return audience("1", turns); }, [&] { return audience(clients, turns); });
    middle.add(one["median_ms"], all["median_ms"]);
    tail.add(one["p99_ms"], all["p99_ms"]);
    cpu.add(one["cpu_us"], all["cpu_us"]);
    wrong += one["wrong"] + all["wrong"];
    bad += (one["status"] != 0) + (all["status"] != 0);
    events += all["events"];
    last = all;
  }
  print_pairs((clients + " listeners, the last hears the end, median").c_str(), "ms", "", middle);
  print_pairs("the same, p99", "ms", "", tail);
  print_pairs("the same, server CPU per event", "us", "", cpu);
  const double per_turn = last["events"] / last["turns"];
  std::printf(
      "  (baseline: one listener; %s turns a run; a turn is %.0f events to each, %.0f bytes of reply, "
      "%.0f KB sent; the load itself takes %.1f us of processor an event)\n",
      turns.c_str(), per_turn / options["clients"], last["reply_bytes"], last["bytes"] / last["turns"] / 1e3,
      last["own_cpu_us"]);
  std::printf(
      "  of %.0f events to %s listeners %.0f out of order or not what all others heard; runs with one missing: "
      "%.0f\n",
      events, clients.c_str(), wrong, bad);
  std::fflush(stdout);
  return wrong + bad == 0;
}

// -- many sleepers ----------------------------------------------------------------

double awake(const std::string& data_dir) {
  const auto text = control_get(data_dir, "/metrics");
  if (text.find("troupe_actors{") == text.npos) throw std::runtime_error("the server does not tell its actors");
  const std::string_view mark = R"(troupe_actors{role="character"} )";
  const auto at = text.find(mark);
  return at == text.npos ? 0 : std::atof(text.c_str() + at + mark.size());
}

void until_asleep(const std::string& data_dir) {
  const auto limit = now_ns() + 120'000'000'000;
  while (awake(data_dir) > 0) {
    if (now_ns() > limit) throw std::runtime_error("characters stay awake without company");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// Once it stands still.
double settled_memory(const running_server& server) {
  double before = -1e12, now = memory_of(server.process->pid()).resident;
  for (int i = 0; i < 40 && std::abs(before - now) > 65536; ++i) {
    before = now;
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    now = memory_of(server.process->pid()).resident;
  }
  return now;
}

/// What `du` counts.
double bytes_on_disk(const std::string& folder) {
  double bytes = 0;
  for (auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    struct stat found {};
    if (entry.is_regular_file() && ::stat(entry.path().c_str(), &found) == 0)
      bytes += static_cast<double>(found.st_blocks) * 512;
  }
  return bytes;
}

void print_wakings(const char* what, results& found) {
  std::printf("  waking %.0f %s: median %.2f ms, p99 %.2f ms, most %.2f ms (goal: median <= 5 ms)\n", found["visits"],
              what, found["median_ms"], found["p99_ms"], found["max_ms"]);
  std::fflush(stdout);
}

bool many_sleepers(const bench_options& options) {
  const int count = options.whole("asleep");
  // Every so manyth, so that no two of them are neighbours in the store; the second time others.
  const int step = count / options.whole("woken");
  if (step < 2) throw std::runtime_error("--woken: at most half of --asleep");
  const auto wake = [&](const running_server& server, int from) {
    return run_load("visits", server.port,
                    {"--from", std::to_string(from), "--step", std::to_string(step), "--count", options.text("woken")});
  };
  scratch_folder folder;
  const auto& data = folder.path();
  const auto files = data + "/characters";
  write_characters(files, count);
  auto server = start(data, files, "1");
  // What is made once is not counted: one character has been met.
  double status = run_load("visits", server.port, {})["status"];
  until_asleep(data);
  const double before = settled_memory(server);
  auto met = run_load("visits", server.port, {"--count", options.text("asleep"), "--connections", "8"});
  until_asleep(data);
  const double after = settled_memory(server);
  auto warm = wake(server, 0);
  until_asleep(data);
  stop(server);
  const double store = bytes_on_disk(data + "/store"), saves = bytes_on_disk(data + "/saves");

  server = start(data, files, "1");
  status += run_load("visits", server.port, {})["status"];
  until_asleep(data);
  const double again = settled_memory(server);
  auto restarted = wake(server, 1);
  stop(server);

  const double kib = 1024, mib = 1024 * 1024;
  std::printf("%d sleeping characters, each met once (in %.1f s, 8 at a time)\n", count, met["seconds"]);
  std::printf("  server's RSS: %.1f MiB before, %.1f MiB after (%+.2f KiB each); started over them %.1f MiB\n",
              before / mib, after / mib, (after - before) / count / kib, again / mib);
  std::printf("  on disk each: %.2f KiB in the store, %.2f KiB of its save file\n", store / count / kib,
              saves / count / kib);
  print_wakings("of them", warm);
  print_wakings("others after a restart", restarted);
  return status + met["status"] + warm["status"] + restarted["status"] == 0;
}

}  // namespace

int main(int count, char** arguments) {
  const bench_options options(count, arguments,
                              {{"clients", 1000}, {"turns", 30}, {"pairs", 5}, {"asleep", 10000}, {"woken", 200}});
  bool right = true;
  if (options.whole("clients") > 0) {
    print_header();
    right = many_listeners(options);
  }
  if (options.whole("asleep") > 0) right = many_sleepers(options) && right;
  return right ? 0 : 1;
}
