#include "net/dialects/console/watch_list.hpp"

#include "net/dialects/console/inspect_request.hpp"
#include "net/json.hpp"

#include <algorithm>

namespace troupe::console {
namespace {

constexpr std::size_t longest_key = 200;
constexpr std::size_t longest_path = 2000;
constexpr std::string_view prefix = "/console/api/";

failure broken(const std::string& field, const std::string& rule) {
  return {failure_kind::invalid, field + ": " + rule};
}

/// Answered by the server itself, not by the inspector.
bool is_about_the_login(const inspect_query& query) {
  return query.path.size() == 1 && (query.path[0] == "login" || query.path[0] == "logout" || query.path[0] == "me");
}

expected<watch_list::entry> parse_entry(simdjson::dom::element item, const std::string& field) {
  std::string_view key, path;
  if (item["key"].get(key) != simdjson::SUCCESS || key.size() > longest_key)
    return broken(field + ".key", "must be a string of at most " + std::to_string(longest_key) + " bytes");
  if (item["path"].get(path) != simdjson::SUCCESS || path.size() > longest_path || !path.starts_with(prefix))
    return broken(field + ".path", "must be a string that begins with " + std::string(prefix) + " and has at most "
                                       + std::to_string(longest_path) + " bytes");
  const auto target = net::parse_target(path);
  if (!target) return broken(field + ".path", "must have valid percent escapes");
  auto query = query_of(*target);
  if (!query) return broken(field + ".path", query.error().message);
  if (is_about_the_login(*query)) return broken(field + ".path", "must be one that can be watched, not the login's");
  return watch_list::entry{std::string(key), std::move(*query)};
}

}  // namespace

expected<watch_list> parse_watch_list(std::string_view text) {
  const auto root = net::parse_json(text);
  if (!root) return root.error();
  simdjson::dom::array items;
  if ((*root)["watch"].get(items) != simdjson::SUCCESS) return broken("watch", "must be an array of {key, path}");
  if (items.size() > most_watches)
    return broken("watch", "must have at most " + std::to_string(most_watches) + " entries");
  watch_list out;
  for (auto item : items) {
    const auto field = "watch[" + std::to_string(out.entries.size()) + "]";
    auto entry = parse_entry(item, field);
    if (!entry) return entry.error();
    if (std::ranges::any_of(out.entries, [&](auto& other) { return other.key == entry->key; }))
      return broken(field + ".key", "must differ from the others");
    out.entries.push_back(std::move(*entry));
  }
  simdjson::dom::element every;
  if ((*root)["every_ms"].get(every) != simdjson::SUCCESS) return out;
  std::int64_t ms = 0;
  if (every.get(ms) != simdjson::SUCCESS || ms < shortest_interval.count() || ms > longest_interval.count())
    return broken("every_ms", "must be a whole number from " + std::to_string(shortest_interval.count()) + " to "
                                  + std::to_string(longest_interval.count()));
  out.every = std::chrono::milliseconds(ms);
  return out;
}

}  // namespace troupe::console
