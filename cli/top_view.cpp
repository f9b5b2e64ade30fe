#include "cli/top_view.hpp"

#include "cli/console_pages.hpp"
#include "cli/console_tables.hpp"
#include "cli/json_value.hpp"
#include "cli/terminal_text.hpp"
#include "config/quote.hpp"

#include <algorithm>

namespace troupe::cli {
namespace {

constexpr std::size_t most_rows = 500;  // the interface's limit
constexpr std::size_t frame = 3;        // summary, heading and status

constexpr const char* help_text[] = {
    "Keys",
    "",
    "  j k, arrows     next, previous actor; PgUp PgDn g G by pages, to the ends",
    "  Enter           open the actor; Esc goes back",
    "  p u n           pause, resume, let it take one message (step)",
    "  s S             sort by the next, the previous column",
    "  r               reverse the order",
    "  /               filter by id, role or label; Enter keeps it, Esc drops it",
    "  Ctrl-L          draw the screen anew",
    "  ?               these keys",
    "  q               quit",
};

/// "troupe 0.1.0  12 actors  1.2 turns/s …"
std::string summary_of(const std::string& json) {
  const auto root = net::parse_json(json);
  if (!root) return {};
  const auto amount = [&](std::string_view key) { return amount_text(number_of(*root, key)); };
  auto out = "troupe " + std::string(text_of(*root, "version"));
  out += "  " + amount("actors") + " actors  " + amount("clients") + " clients";
  out += "  " + amount("messages_per_second") + " msg/s  " + amount("turns_in_flight") + " turns in flight";
  out += "  p99 " + duration_text(number_of(*root, "turn_p99_ms"));
  out += "  cpu " + amount_text(number_of(*root, "cpu_share").value_or(0) * 100) + " %";
  out += "  rss " + bytes_text(number_of(*root, "rss_bytes").value_or(0));
  return config::printable(out);
}

/// Cuts a line of several segments to the screen.
text_line within(text_line line, std::size_t columns) {
  std::size_t left = columns;
  for (auto& each : line) {
    each.text = clipped(each.text, left);
    left -= std::min(left, columns_of(each.text));
  }
  return line;
}

}  // namespace

top_view::top_view(questions ask, std::string sort, bool descending)
    : ask_(std::move(ask)), sort_(sort.empty() ? "busy_share" : std::move(sort)), descending_(descending) {}

std::size_t top_view::body_rows() const {
  return std::clamp<std::size_t>(rows_ > frame ? rows_ - frame : 1, 1, most_rows);
}

void top_view::resize(std::size_t rows, std::size_t columns) {
  rows_ = rows;
  columns_ = columns;
}

void top_view::refresh() {
  const auto overview = ask_.look({"overview"}, {});
  trouble_ = {overview.status, {}, overview.why};
  if (!overview.good()) return;
  summary_ = summary_of(overview.json);
  page_ == page::actor ? refresh_actor() : refresh_list();
}

void top_view::refresh_list() {
  const auto answer = ask_.look({"actors"}, {{"sort", sort_},
                                             {"order", descending_ ? "desc" : "asc"},
                                             {"q", filter_},
                                             {"offset", std::to_string(offset_)},
                                             {"limit", std::to_string(body_rows())}});
  trouble_ = {answer.status, {}, answer.why};
  if (!answer.good()) return;
  read_rows(answer.json);
  if (ids_.empty() && offset_ > 0 && matching_ > 0) {  // the table has become shorter
    offset_ = matching_ > body_rows() ? matching_ - body_rows() : 0;
    refresh_list();
  }
}

void top_view::read_rows(const std::string& json) {
  const auto root = net::parse_json(json);
  if (!root) return;
  matching_ = json_value<std::uint64_t>(*root, "matching");
  table_ = actor_table((*root)["actors"], sort_, descending_).lines(columns_);
  ids_.clear();
  simdjson::dom::array all;
  if ((*root)["actors"].get(all) == simdjson::SUCCESS)
    for (auto row : all) ids_.emplace_back(text_of(row, "id"));
  if (const auto at = std::ranges::find(ids_, selected_id_); at != ids_.end())
    selected_ = static_cast<std::size_t>(at - ids_.begin());
  selected_ = std::min(selected_, ids_.empty() ? 0 : ids_.size() - 1);
  selected_id_ = ids_.empty() ? std::string() : ids_[selected_];
}

void top_view::refresh_actor() {
  const auto answer = ask_.look({"actors", actor_id_}, {});
  if (answer.status == console_not_found) {  // what was last seen of it stays
    notice_ = "the actor has ended";
    return;
  }
  trouble_ = {answer.status, {}, answer.why};
  if (!answer.good()) return;
  if (const auto root = net::parse_json(answer.json)) actor_ = actor_page(*root, columns_);
}

text_line top_view::status_line() const {
  if (!trouble_.good()) return {{config::printable("error: " + trouble_.why), tint::red}};
  if (typed_) return {{config::printable("filter: " + *typed_) + "_", tint::bold}};
  if (!notice_.empty()) return {{config::printable(notice_), tint::bold}};
  if (page_ == page::help) return {{"Esc back  q quit", tint::dim}};
  if (page_ == page::actor) return {{"Esc back  p pause  u resume  n step  j k scroll  ? help  q quit", tint::dim}};
  auto text = ids_.empty() ? std::string("no actor matches")
                           : std::to_string(offset_ + 1) + "-" + std::to_string(offset_ + ids_.size()) + " of "
                                 + std::to_string(matching_);
  if (!filter_.empty()) text += "  filter: " + config::printable(filter_);
  return {{text + "  ? help  q quit", tint::dim}};
}

top_view::picture top_view::draw() const {
  picture out;
  out.lines.push_back({{summary_, tint::bold}});
  if (page_ == page::help) {
    for (const char* line : help_text) out.lines.push_back({{line}});
  } else if (page_ == page::actor) {
    for (auto i = scroll_; i < actor_.size() && out.lines.size() + 1 < rows_; ++i) out.lines.push_back(actor_[i]);
  } else {
    for (auto& line : table_)
      if (out.lines.size() + 1 < rows_) out.lines.push_back(line);
    if (!ids_.empty() && selected_ + 2 < out.lines.size()) out.marked = selected_ + 2;
  }
  out.lines.resize(rows_ > 0 ? rows_ - 1 : 0);
  if (rows_ > 0) out.lines.push_back(status_line());
  for (auto& line : out.lines) line = within(std::move(line), columns_);
  return out;
}

}  // namespace troupe::cli
