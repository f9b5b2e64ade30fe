#include "runtime/inspection/turn_filter.hpp"

#include "config/quote.hpp"
#include "runtime/inspection/turn_record.hpp"

#include <charconv>

namespace troupe {
namespace {

failure broken(const inspect_parameter& given, const char* rule) {
  return {failure_kind::invalid, given.name + ": " + config::in_quotes(given.value) + " is not " + rule};
}

std::optional<std::size_t> number(const std::string& text, std::size_t most) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

}  // namespace

expected<turn_filter> turn_filter::read(const std::vector<inspect_parameter>& parameters) {
  turn_filter out;
  for (auto& given : parameters) {
    const auto& value = given.value;
    if (given.name == "q") {
      out.q = value;
    } else if (given.name == "client") {
      out.client = value;
    } else if (given.name == "session") {
      out.session = value;
    } else if (given.name == "actor") {
      const auto found = number(value, static_cast<std::size_t>(-1) / 2);
      if (!found) return broken(given, "an actor's number");
      out.actor = *found;
    } else if (given.name == "state") {
      if (value != "in_flight" && value != "slow" && value != "failed" && !value.empty())
        return broken(given, "one of in_flight, slow, failed");
      out.state = value == "in_flight" ? only::in_flight
                  : value == "slow"    ? only::slow
                  : value == "failed"  ? only::failed
                                       : only::all;
    } else if (given.name == "sort") {
      if (value != "started_at" && value != "duration_ms") return broken(given, "one of started_at, duration_ms");
      out.sort = value == "started_at" ? order_by::started_at : order_by::duration;
    } else if (given.name == "order") {
      if (value != "asc" && value != "desc") return broken(given, "one of asc, desc");
      out.descending = value == "desc";
    } else if (given.name == "offset") {
      const auto found = number(value, 1'000'000'000);
      if (!found) return broken(given, "a whole number");
      out.offset = *found;
    } else if (given.name == "limit") {
      const auto found = number(value, 500);
      if (!found) return broken(given, "a whole number of at most 500");
      out.limit = *found;
    }
  }
  return out;
}

bool turn_filter::matches(const turn_record& record) const {
  if (!client.empty() && record.client != client) return false;
  if (!session.empty() && record.session != session_shown(session)) return false;
  if (actor != 0 && record.runner != actor && record.session_actor != actor) return false;
  if (q.empty() || record.client.find(q) != std::string::npos) return true;
  // Somebody may have the session's whole id at hand.
  if (record.session.find(q) != std::string::npos || (q.size() >= 8 && record.session == session_shown(q))) return true;
  std::string id;
  append_hex(id, record.turn);
  if (id.find(q) != std::string::npos) return true;
  id.clear();
  append_hex(id, record.context.high);
  append_hex(id, record.context.low);
  return id.find(q) != std::string::npos;
}

std::optional<std::uint64_t> parse_turn_id(std::string_view text) {
  return text.size() == 16 ? parse_hex(text) : std::nullopt;
}

}  // namespace troupe
