#include "conversation.hpp"

#include <algorithm>
#include <cstdio>
#include <set>

namespace troupe::crash {
namespace {

constexpr std::string_view marker_start = "mk";
constexpr std::size_t marker_digits = 8;

std::string at(const event& which) {
  return "event " + std::to_string(which.number) + " (" + which.kind + ")";
}

/// Rules 1 to 3.
void check_form(const std::vector<event>& log, const std::string& open_turn, problems& found) {
  std::set<std::string> turns, markers;
  for (std::size_t i = 0; i < log.size(); ++i) {
    auto& each = log[i];
    if (each.number != i + 1) found.push_back(at(each) + " stands where number " + std::to_string(i + 1) + " belongs");
    if ((each.kind == "opened") != (i == 0))
      found.push_back(at(each) + ": opened must be the first event and no other");
    if (i == 0) continue;
    if (each.turn.empty()) found.push_back(at(each) + " names no turn");
    if (i % 2 == 1) {
      const auto marker = find_marker(each.text);
      if (each.kind != "user") found.push_back(at(each) + " is no turn's beginning, after a turn's end");
      if (!turns.insert(each.turn).second) found.push_back(at(each) + ": turn " + each.turn + " begins twice");
      if (marker.empty()) found.push_back(at(each) + " is no request that was sent");
      if (!markers.insert(marker).second) found.push_back(at(each) + ": request " + marker + " is there twice");
    } else {
      if (each.kind == "user") found.push_back(at(each) + " begins within turn " + log[i - 1].turn);
      if (each.turn != log[i - 1].turn) found.push_back(at(each) + " ends another turn than the one in flight");
    }
  }
  const bool open = !log.empty() && log.size() % 2 == 0;
  if (open && log.back().turn != open_turn)
    found.push_back(at(log.back()) + ": the turn has no end and is not in flight");
  if (!open && !open_turn.empty()) found.push_back("turn " + open_turn + " is in flight without its user event");
}

/// Rule 5.
void check_told(const std::vector<event>& log, const std::string& turn, const told_turn& told, problems& found) {
  const auto name = "turn " + turn + " (request " + told.marker + ")";
  if (told.user_number == 0 || told.user_number > log.size())
    return found.push_back(name + " was told as number " + std::to_string(told.user_number) + " and is not there");
  auto& user = log[told.user_number - 1];
  if (user.turn != turn || user.kind != "user") found.push_back(name + " was told, but there is " + at(user));
  if (user.text.find(told.marker) == user.text.npos) found.push_back(name + ": " + at(user) + " holds another request");
  const event* end = told.user_number < log.size() ? &log[told.user_number] : nullptr;
  if (told.end_number != 0) {
    if (!end || end->number != told.end_number || end->turn != turn)
      return found.push_back(name + ": its end was told as number " + std::to_string(told.end_number)
                             + " and is not there");
    if (told.replied != (end->kind == "reply"))
      found.push_back(name + " was told to end otherwise than by " + at(*end));
    if (told.replied && told.text != end->text) found.push_back(name + ": the acknowledged text is not the stored one");
  }
  const bool has_text = end && (end->kind == "reply" || end->kind == "cancelled" || !end->text.empty());
  if (has_text && !end->text.starts_with(told.streamed))
    found.push_back(name + ": " + at(*end) + " does not begin with what was streamed");
}

/// Rule 6, for what is new.
void check_ends(const conversation& of, const std::vector<event>& log, std::size_t before, bool restarted,
                problems& found) {
  for (auto i = before; i < log.size(); ++i) {
    auto& each = log[i];
    if (each.kind == "failed") found.push_back(at(each) + ": " + each.text);
    if (each.kind == "cancelled" && !of.stopped) found.push_back(at(each) + " though nobody stopped it");
    if (each.kind == "interrupted" && (!restarted || i + 1 != log.size()))
      found.push_back(at(each) + (restarted ? " is not the last event before the restart" : " without a restart"));
  }
}

}  // namespace

std::string marker_of(unsigned client, unsigned number) {
  char text[32];
  std::snprintf(text, sizeof text, "mk%02u%06u", client % 100, number % 1000000);
  return text;
}

std::string find_marker(const std::string& text) {
  for (auto at = text.find(marker_start); at != text.npos; at = text.find(marker_start, at + 1)) {
    const auto digits = text.substr(at + marker_start.size(), marker_digits);
    if (digits.size() == marker_digits && digits.find_first_not_of("0123456789") == digits.npos)
      return text.substr(at, marker_start.size() + marker_digits);
  }
  return {};
}

void conversation::take(std::uint64_t after, std::vector<event> events, const std::string& open_turn, bool restarted,
                        problems& found) {
  problems own;
  const auto before = log_.size();
  auto log = std::vector<event>(log_.begin(),
                                log_.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(after, before)));
  log.insert(log.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
  if (log.size() < before)
    own.push_back("it had " + std::to_string(before) + " events and has " + std::to_string(log.size()));
  for (std::size_t i = 0; i < std::min(before, log.size()); ++i)
    if (log[i] != log_[i]) own.push_back(at(log_[i]) + " has changed since it was read");
  if (restarted && !open_turn.empty()) own.push_back("turn " + open_turn + " is in flight after a restart");
  check_form(log, open_turn, own);
  for (auto& [turn, each] : told) check_told(log, turn, each, own);
  check_ends(*this, log, before, restarted, own);
  log_ = std::move(log);
  for (auto& each : own) found.push_back("session " + id + ": " + each);
  if (!own.empty()) found.push_back(describe());
}

std::string conversation::describe() const {
  constexpr std::size_t shown = 60;
  std::string out = "  session " + id + (stopped ? " (was stopped)" : "") + ", events:\n";
  if (log_.size() > shown) out += "    ... " + std::to_string(log_.size() - shown) + " earlier ones\n";
  for (auto i = log_.size() > shown ? log_.size() - shown : 0; i < log_.size(); ++i) {
    auto& each = log_[i];
    out += "    " + std::to_string(each.number) + " " + each.kind + " " + each.turn + " at " + std::to_string(each.at)
           + " \"" + each.text.substr(0, 160) + "\"\n";
  }
  out += "  told:\n";
  for (auto& [turn, each] : told) {
    if (log_.size() > shown && each.user_number + shown < log_.size()) continue;
    out += "    " + turn + " " + each.marker + " user " + std::to_string(each.user_number) + " end "
           + std::to_string(each.end_number) + (each.replied ? " reply" : "") + " streamed "
           + std::to_string(each.streamed.size()) + " bytes \"" + each.text.substr(0, 160) + "\"\n";
  }
  return out;
}

}  // namespace troupe::crash
