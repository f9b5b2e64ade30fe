#include "cli/commands_console.hpp"

#include "cli/console_client.hpp"
#include "cli/console_pages.hpp"
#include "cli/console_tables.hpp"
#include "cli/json_value.hpp"
#include "cli/terminal.hpp"
#include "config/quote.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

namespace troupe::cli {
namespace {

using simdjson::dom::element;

constexpr std::chrono::milliseconds follow_pause{500};
constexpr std::uint64_t follow_lines = 1000;  // the most that one answer holds

void print_json(std::string_view json) {
  std::printf("%.*s\n", static_cast<int>(json.size()), json.data());
}

/// Prints an answer: as JSON, or with `print` what it parses to.
template <class Print>
int show(const console_answer& answer, bool json, Print print) {
  if (json && !answer.json.empty()) print_json(answer.json);
  if (!answer.good()) {
    std::fprintf(stderr, "error: %s\n", config::printable(answer.why).c_str());
    return answer.status;
  }
  if (json) return answer.status;
  const auto root = net::parse_json(answer.json);
  if (root) print(*root, terminal::of_stdout());
  return answer.status;
}

int show_done(const console_answer& answer, bool json) {
  return show(answer, json, [](element, const terminal&) { std::printf("done\n"); });
}

/// "2 of 12 actors", where not all are shown.
void print_rest(const terminal& to, element answer, std::size_t shown, const char* what) {
  const auto matching = json_value<std::uint64_t>(answer, "matching"),
             total = json_value<std::uint64_t>(answer, "total");
  auto text = std::to_string(shown) + " of " + std::to_string(matching) + " " + what;
  if (matching != total) text += " that match, of " + std::to_string(total);
  to.print(line_of(text, tint::dim));
}

int show_table(const console_answer& answer, bool json, const char* list, const char* what,
               terminal_table (*make)(json_rows)) {
  return show(answer, json, [&](element root, const terminal& to) {
    const auto table = make(root[list]);
    to.print(table.lines(to.columns));
    if (what != nullptr) print_rest(to, root, table.size(), what);
  });
}

tint tint_of_level(std::string_view level) {
  return level == "error" ? tint::red : level == "warn" ? tint::yellow : level == "info" ? tint::none : tint::dim;
}

/// Prints the lines behind number `last`; the number of the newest.
std::uint64_t print_log(element answer, const terminal& to, bool json, std::uint64_t last) {
  simdjson::dom::array all;
  if (answer["lines"].get(all) != simdjson::SUCCESS) return last;
  std::uint64_t newest = 0;
  for (auto line : all) newest = std::max(newest, json_value<std::uint64_t>(line, "number"));
  if (newest > 0 && newest < last) last = 0;  // another server, which counts anew
  for (auto line : all) {
    if (last > 0 && json_value<std::uint64_t>(line, "number") <= last) continue;
    if (json)
      print_json(simdjson::minify(line));
    else
      to.print(line_of(text_of(line, "text"), tint_of_level(text_of(line, "level"))));
  }
  std::fflush(stdout);
  return std::max(last, newest);
}

}  // namespace

int list_actors(const config::settings& settings, const console_call& call) {
  const auto answer = console_client(settings.data_dir)
                          .look({"actors"}, {{"sort", call.sort},
                                             {"order", call.descending ? "desc" : ""},
                                             {"q", call.text},
                                             {"role", call.role},
                                             {"state", call.state},
                                             {"limit", call.limit}});
  return show(answer, call.json, [&](element root, const terminal& to) {
    const auto table = actor_table(root["actors"], call.sort, call.descending);
    to.print(table.lines(to.columns));
    print_rest(to, root, table.size(), "actors");
  });
}

int one_actor(const config::settings& settings, const console_call& call) {
  const console_client client(settings.data_dir);
  if (!call.act.empty()) return show_done(client.act({"actors", call.id, call.act}), call.json);
  return show(client.look({"actors", call.id}), call.json,
              [](element root, const terminal& to) { to.print(actor_page(root, to.columns)); });
}

int list_turns(const config::settings& settings, const console_call& call) {
  const auto answer = console_client(settings.data_dir)
                          .look({"turns"}, {{"state", call.state}, {"q", call.text}, {"limit", call.limit}});
  return show_table(answer, call.json, "turns", "turns", turn_table);
}

int one_turn(const config::settings& settings, const console_call& call) {
  const console_client client(settings.data_dir);
  if (!call.act.empty()) return show_done(client.act({"turns", call.id, call.act}), call.json);
  return show(client.look({"turns", call.id}), call.json,
              [](element root, const terminal& to) { to.print(turn_page(root, to.columns)); });
}

int list_log(const config::settings& settings, const console_call& call) {
  const console_client client(settings.data_dir);
  auto limit = call.limit;
  const auto ask = [&] {
    return client.look({"log"}, {{"actor", call.actor}, {"level", call.level}, {"q", call.text}, {"limit", limit}});
  };
  std::uint64_t last = 0;
  const auto print = [&](element root, const terminal& to) { last = print_log(root, to, call.json, last); };
  if (!call.follow) return show(ask(), call.json, print);
  for (;;) {
    // One line of JSON for each of the log's, so `show` is not to print the answer.
    if (const auto status = show(ask(), false, print); status != console_done) return status;
    limit = std::to_string(follow_lines);
    std::this_thread::sleep_for(follow_pause);
  }
}

int list_clients(const config::settings& settings, const console_call& call) {
  const auto answer = console_client(settings.data_dir).look({"clients"}, {{"q", call.text}, {"limit", call.limit}});
  return show_table(answer, call.json, "clients", "clients", client_table);
}

int one_client(const config::settings& settings, const console_call& call) {
  return show_done(console_client(settings.data_dir).act({"clients", call.id, call.act}), call.json);
}

int list_audit(const config::settings& settings, const console_call& call) {
  const auto answer = console_client(settings.data_dir).look({"audit"}, {{"limit", call.limit}});
  return show_table(answer, call.json, "entries", nullptr, audit_table);
}

}  // namespace troupe::cli
