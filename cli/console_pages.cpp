#include "cli/console_pages.hpp"

#include "cli/console_tables.hpp"
#include "cli/terminal_text.hpp"
#include "config/quote.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::cli {
namespace {

using simdjson::dom::element;
using lines = std::vector<text_line>;

std::string plain_value(element value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return config::printable(text);
  return config::printable(simdjson::minify(value));
}

bool is_plain(element value) {
  return !value.is_object() && !value.is_array();
}

/// Facts with their names before them; those that say nothing are left out.
class facts {
 public:
  explicit facts(lines& to) : to_(to) {}
  facts& add(std::string_view name, std::string_view text, tint colour = tint::none) {
    if (!text.empty() && text != "-") to_.push_back({{fitted(name, 14), tint::dim}, {config::printable(text), colour}});
    return *this;
  }

 private:
  lines& to_;
};

void append_section(lines& to, std::string_view title, const std::vector<text_line>& content) {
  to.emplace_back();
  to.push_back(line_of(title, tint::bold));
  to.insert(to.end(), content.begin(), content.end());
}

void append_table(lines& to, std::string_view title, const terminal_table& table, std::optional<std::size_t> width) {
  if (table.size() > 0) append_section(to, title, table.lines(width));
}

/// Nothing for null, too.
std::optional<element> member(element from, std::string_view key) {
  element out;
  if (from[key].get(out) != simdjson::SUCCESS || out.is_null()) return std::nullopt;
  return out;
}

void append_actor_facts(lines& to, element row) {
  const auto amount = [&](std::string_view key) { return amount_text(number_of(row, key)); };
  const auto microseconds = [&](std::string_view key) {
    const auto value = number_of(row, key);
    return value ? duration_text(*value / 1000) : std::string("-");
  };
  const auto state = actor_state(row);
  facts out(to);
  out.add("actor", std::string(text_of(row, "role")) + " " + std::string(text_of(row, "id")), tint::bold);
  out.add("label", text_of(row, "label")).add("state", state.text, state.colour);
  out.add("parent", text_of(row, "parent")).add("linked", text_of(row, "linked"));
  out.add("mailbox", amount("mailbox") + ", the oldest waits " + duration_text(number_of(row, "oldest_ms")));
  out.add("messages", amount("handled") + " handled, " + amount("messages_per_second") + " per second, "
                          + amount("shed") + " shed");
  out.add("handling", "p50 " + microseconds("p50_us") + ", p99 " + microseconds("p99_us") + ", busy "
                          + amount_text(number_of(row, "busy_share").value_or(0) * 100) + " %");
  out.add("memory", bytes_text(number_of(row, "memory_bytes").value_or(0)));
  out.add("tokens", amount("tokens_in") + " in, " + amount("tokens_out") + " out");
  out.add("restarts", amount("restarts")).add("last message", text_of(row, "last_message"));
  out.add("last error", text_of(row, "last_error"), tint::red).add("log level", text_of(row, "log_level"));
}

std::string attributes_text(element span) {
  simdjson::dom::object all;
  std::string out;
  if (span["attributes"].get(all) != simdjson::SUCCESS) return out;
  for (auto [name, value] : all) out += (out.empty() ? "" : ", ") + config::printable(name) + " " + plain_value(value);
  return out;
}

/// How wide each part of a span's line is.
struct span_layout {
  std::size_t name = 4;
  std::size_t bar = 60;
  std::size_t more = 0;  ///< what is known of the span
};

constexpr std::size_t figure = 9;  // of when it began and what it took
constexpr std::size_t gap = 2;

/// What is known of a span is worth more than the bar's last columns.
span_layout layout_of(const simdjson::dom::array& spans, std::optional<std::size_t> width) {
  constexpr std::size_t longest_name = 28, least_bar = 16;
  span_layout out;
  for (auto span : spans) {
    out.name = std::max(out.name, columns_of(config::printable(text_of(span, "name"))));
    out.more = std::max(out.more, columns_of(attributes_text(span)));
  }
  out.name = std::min(out.name, longest_name);
  if (!width) return out;
  const auto taken = out.name + 2 * (gap + figure) + gap;
  const auto room = *width > taken ? *width - taken : 0;
  out.bar =
      std::clamp(room - std::min(room, out.more + gap), std::min(room, least_bar), std::min<std::size_t>(room, 60));
  out.more = room > out.bar + gap ? room - out.bar - gap : 0;
  return out;
}

text_line span_line(element span, double whole_us, const span_layout& layout) {
  const auto start = number_of(span, "start_us").value_or(0);
  const auto took = number_of(span, "duration_us");
  element error;
  const bool failed = span["attributes"]["error"].get(error) == simdjson::SUCCESS;
  const segment between{std::string(gap, ' ')};
  const auto state = took ? tint::cyan : tint::yellow;
  return {{fitted(config::printable(text_of(span, "name")), layout.name)},
          between,
          {fitted(duration_text(start / 1000), figure, true)},
          between,
          {fitted(took ? duration_text(*took / 1000) : "open", figure, true)},
          between,
          {span_bar(start, took, whole_us, layout.bar), failed ? tint::red : state},
          between,
          {clipped(attributes_text(span), layout.more), failed ? tint::red : tint::dim}};
}

lines span_lines(const simdjson::dom::array& spans, double whole_us, std::optional<std::size_t> width) {
  const auto layout = layout_of(spans, width);
  for (auto span : spans)
    whole_us = std::max(whole_us, number_of(span, "start_us").value_or(0) + number_of(span, "duration_us").value_or(0));
  const segment between{std::string(gap, ' ')};
  lines out;
  out.push_back({{fitted("SPAN", layout.name), tint::bold},
                 between,
                 {fitted("START", figure, true), tint::bold},
                 between,
                 {fitted("TOOK", figure, true), tint::bold}});
  for (auto span : spans) out.push_back(span_line(span, whole_us, layout));
  return out;
}

}  // namespace

void append_json_lines(lines& to, element value, std::size_t indent) {
  const std::string blanks(indent, ' ');
  if (simdjson::dom::object object; value.get(object) == simdjson::SUCCESS) {
    for (auto [name, inner] : object) {
      text_line line{{blanks + config::printable(name) + ": ", tint::dim}};
      const bool here = is_plain(inner);
      if (here) line.push_back({plain_value(inner)});
      to.push_back(std::move(line));
      if (!here) append_json_lines(to, inner, indent + 2);
    }
    return;
  }
  simdjson::dom::array array;
  if (value.get(array) != simdjson::SUCCESS) {
    to.push_back({{blanks + plain_value(value)}});
    return;
  }
  if (std::all_of(array.begin(), array.end(), is_plain)) {
    std::string text;
    for (auto each : array) text += (text.empty() ? "" : ", ") + plain_value(each);
    to.push_back({{blanks + "[" + text + "]"}});
    return;
  }
  for (auto each : array) {
    to.push_back({{blanks + "-", tint::dim}});
    append_json_lines(to, each, indent + 2);
  }
}

std::vector<text_line> actor_page(element answer, std::optional<std::size_t> width) {
  lines out;
  if (const auto row = member(answer, "actor")) append_actor_facts(out, *row);
  lines state;
  if (const auto known = member(answer, "state")) append_json_lines(state, *known, 2);
  std::string title = "State";
  if (const auto age = number_of(answer, "state_age_ms").value_or(0); age >= 1)
    title += ", " + duration_text(age) + " old";
  if (const auto error = text_of(answer, "state_error"); !error.empty()) title += ": " + std::string(error);
  append_section(out, title, state);
  append_table(out, "Recent messages", message_table(answer["messages"]), width);
  append_table(out, "Children", actor_table(answer["children"]), width);
  append_table(out, "Watchers", actor_table(answer["watchers"]), width);
  return out;
}

std::string span_bar(double start_us, std::optional<double> duration_us, double whole_us, std::size_t columns) {
  static constexpr const char* eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (columns == 0) return {};
  const double scale = whole_us > 0 ? static_cast<double>(columns) / whole_us : 0;
  const double room = static_cast<double>(columns);
  const auto first = static_cast<std::size_t>(std::clamp(std::floor(start_us * scale), 0.0, room - 1));
  std::string out(first, ' ');
  const auto fill = [&](std::size_t cells, const char* with) {
    for (std::size_t i = 0; i < cells; ++i) out += with;
  };
  if (!duration_us) {
    fill(columns - first, "░");
    return out;
  }
  const double end = std::clamp((start_us + *duration_us) * scale, static_cast<double>(first), room);
  const auto part = std::lround((end - static_cast<double>(first)) * 8);
  const auto eighth = static_cast<std::size_t>(std::max(part, 1L));
  fill(eighth / 8, "█");
  out += eighths[eighth % 8];
  const auto used = first + eighth / 8 + (eighth % 8 > 0 ? 1 : 0);
  return out + std::string(columns - std::min(columns, used), ' ');
}

std::vector<text_line> turn_page(element answer, std::optional<std::size_t> width) {
  lines out;
  const auto state = turn_state(answer);
  const auto amount = [&](std::string_view key) { return amount_text(number_of(answer, key)); };
  facts named(out);
  named.add("turn", text_of(answer, "turn"), tint::bold).add("state", state.text, state.colour);
  named.add("error", text_of(answer, "error"), tint::red);
  named.add("started", clock_text(static_cast<std::int64_t>(number_of(answer, "started_at").value_or(0)), true));
  const auto first = number_of(answer, "first_delta_ms");
  named.add("duration", duration_text(number_of(answer, "duration_ms"))
                            + (first ? ", the first text after " + duration_text(first) : std::string()));
  named.add("model", text_of(answer, "model"));
  named.add("tokens", amount("tokens_in") + " in, " + amount("tokens_out") + " out; " + amount("bytes") + " bytes, "
                          + amount("tool_calls") + " tool calls");
  named.add("client", text_of(answer, "client")).add("session", text_of(answer, "session"));
  named.add("runner", text_of(answer, "runner")).add("trace", text_of(answer, "trace"));

  if (const auto lost = number_of(answer, "spans_dropped").value_or(0); lost > 0)
    named.add("spans", amount_text(lost) + " more were dropped", tint::yellow);
  simdjson::dom::array spans;
  if (answer["spans"].get(spans) != simdjson::SUCCESS) return out;
  append_section(out, "Spans", span_lines(spans, number_of(answer, "duration_ms").value_or(0) * 1000, width));
  return out;
}

}  // namespace troupe::cli
