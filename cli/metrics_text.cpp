#include "cli/metrics_text.hpp"

#include "cli/version.hpp"
#include "runtime/inspection/dead_letters.hpp"
#include "runtime/inspection/process_usage.hpp"
#include "runtime/log.hpp"

#include <cstdio>
#include <map>

namespace troupe::cli {
namespace {

/// A label's value as the format wants it: backslash, quote and line feed escaped.
std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

class exposition {
 public:
  explicit exposition(std::string& out) : out_(out) {}

  void family(const char* name, const char* type, const char* help) {
    name_ = name;
    out_ += std::string("# HELP ") + name + ' ' + help + "\n# TYPE " + name + ' ' + type + '\n';
  }
  void value(double number, const std::string& labels = {}) {
    char digits[40];
    std::snprintf(digits, sizeof digits, "%.17g", number);
    out_ += name_ + (labels.empty() ? "" : "{" + labels + "}") + ' ' + digits + '\n';
  }
  void single(const char* name, const char* type, const char* help, double number) {
    family(name, type, help);
    value(number);
  }

 private:
  std::string& out_;
  std::string name_;
};

struct role_sum {
  double actors = 0, mailbox = 0, handled = 0, busy_seconds = 0, restarts = 0, shed = 0, in_flight = 0;
};

std::map<std::string, role_sum> sums_of(const actor_registry& registry) {
  std::map<std::string, role_sum> sums;
  for (auto& each : registry.snapshot()) {
    const auto& cell = *each.cell;
    auto& sum = sums[cell.role];
    sum.actors += 1;
    sum.mailbox += static_cast<double>(cell.mailbox_length());
    sum.handled += static_cast<double>(cell.handled.load(std::memory_order_relaxed));
    sum.busy_seconds += static_cast<double>(cell.handling_ns.load(std::memory_order_relaxed)) / 1e9;
    sum.restarts += static_cast<double>(cell.restarts.load(std::memory_order_relaxed));
    sum.shed += static_cast<double>(cell.shed.load(std::memory_order_relaxed));
    sum.in_flight += static_cast<double>(cell.in_flight.load(std::memory_order_relaxed));
  }
  return sums;
}

void append_roles(exposition& to, const actor_registry& registry) {
  const auto sums = sums_of(registry);
  const auto each = [&](const char* name, const char* type, const char* help, double role_sum::*member) {
    to.family(name, type, help);
    for (auto& [role, sum] : sums) to.value(sum.*member, "role=\"" + label_value(role) + "\"");
  };
  each("troupe_actors", "gauge", "Live actors.", &role_sum::actors);
  each("troupe_mailbox_messages", "gauge", "Messages that wait in mailboxes or are being handled.", &role_sum::mailbox);
  // Of live actors only, so it falls when one ends: no counter in Prometheus' sense.
  each("troupe_live_actors_handled_messages", "gauge", "Messages that the live actors have handled.",
       &role_sum::handled);
  each("troupe_live_actors_busy_seconds", "gauge", "Time that the live actors have spent in handlers.",
       &role_sum::busy_seconds);
  each("troupe_live_actors_restarts", "gauge", "Restarts in place of the live actors.", &role_sum::restarts);
  each("troupe_live_actors_shed_messages", "gauge", "Messages refused by the live actors' full mailboxes.",
       &role_sum::shed);
  each("troupe_in_flight", "gauge", "Calls under way.", &role_sum::in_flight);
}

void append_turns(exposition& to, const turn_totals& turns) {
  to.single("troupe_turns_in_flight", "gauge", "Turns that have begun and not ended.",
            static_cast<double>(turns.in_flight));
  to.single("troupe_turns_total", "counter", "Turns that have ended.", static_cast<double>(turns.finished));
  to.single("troupe_turns_failed_total", "counter", "Turns that have failed.", static_cast<double>(turns.failed));
  to.family("troupe_turn_duration_seconds", "gauge", "Duration of the last 1,000 turns.");
  if (turns.p50_ms) to.value(*turns.p50_ms / 1000, "quantile=\"0.5\"");
  if (turns.p99_ms) to.value(*turns.p99_ms / 1000, "quantile=\"0.99\"");
  to.family("troupe_model_tokens_total", "counter", "Tokens that language models have counted.");
  to.value(static_cast<double>(turns.tokens_in), "direction=\"in\"");
  to.value(static_cast<double>(turns.tokens_out), "direction=\"out\"");
}

}  // namespace

std::string metrics_text(const node& node) {
  std::string out;
  exposition to(out);
  to.family("troupe_info", "gauge", "The program.");
  to.value(1, "version=\"" + label_value(version) + "\"");
  const auto& counters = node.counters();
  to.single("troupe_clients", "gauge", "Connected clients.", static_cast<double>(counters.active_clients.load()));
  to.single("troupe_clients_accepted_total", "counter", "Clients that have connected.",
            static_cast<double>(counters.clients_accepted.load()));
  to.single("troupe_frames_in_total", "counter", "Frames from clients.",
            static_cast<double>(counters.frames_in.load()));
  append_turns(to, node.traces().totals());
  append_roles(to, node.services().registry);
  to.single("troupe_dead_letters_total", "counter", "Messages that nobody handled.",
            static_cast<double>(dead_letters::total()));
  to.single("troupe_log_lines_dropped_total", "counter", "Log lines dropped since the output was too slow.",
            static_cast<double>(log::dropped_lines()));
  to.single("process_resident_memory_bytes", "gauge", "Resident memory.",
            static_cast<double>(process_usage::resident_bytes()));
  to.single("process_cpu_seconds_total", "counter", "CPU time.", static_cast<double>(process_usage::cpu_ns()) / 1e9);
  to.single("process_open_fds", "gauge", "Open descriptors.", static_cast<double>(process_usage::open_descriptors()));
  return out;
}

}  // namespace troupe::cli
