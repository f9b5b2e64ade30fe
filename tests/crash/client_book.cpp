#include "client_book.hpp"

#include <cmath>

namespace troupe::crash {

conversation* client_book::find(const std::string& id) const {
  for (auto each = conversations.rbegin(); each != conversations.rend(); ++each)
    if ((*each)->id == id) return each->get();
  return nullptr;
}

void client_book::check_requests(problems& found) const {
  std::map<std::string, std::string> where;
  for (auto& each : conversations)
    for (auto& event : each->log()) {
      if (event.kind != "user") continue;
      auto [known, added] = where.emplace(find_marker(event.text), each->id);
      if (!added) found.push_back("request " + known->first + " is in " + known->second + " and in " + each->id);
    }
}

void client_book::check_memory(const std::vector<memory_entry>& entries, problems& found) const {
  // How the turn of each request has ended, as far as is known.
  std::map<std::string, std::string> ends;
  for (auto& each : conversations) {
    auto& log = each->log();
    for (std::size_t i = 1; i < log.size(); i += 2)
      ends[find_marker(log[i].text)] = i + 1 < log.size() ? log[i + 1].kind : "open";
  }
  std::map<std::string, unsigned> times;
  const auto where = "memory of " + space + ": ";
  for (auto& entry : entries) {
    if (!facts.contains(entry.text)) found.push_back(where + "nobody said \"" + entry.text + "\"");
    if (++times[entry.text] == 2) found.push_back(where + "twice there: \"" + entry.text + "\"");
    // A fact learnt a second time is the same record, but a more certain one.
    if (std::abs(entry.importance - 0.5) > 1e-6)
      found.push_back(where + "learnt more than once: \"" + entry.text + "\", importance "
                      + std::to_string(entry.importance));
  }
  for (auto& [fact, marker] : facts) {
    const auto end = ends.find(marker);
    // Of a conversation the client never got to know: it may have been answered.
    if (end == ends.end()) continue;
    const bool there = times.contains(fact);
    if (there != (end->second == "reply"))
      found.push_back(where + (there ? "kept" : "lost") + " \"" + fact + "\" of request " + marker
                      + ", whose turn ended with " + end->second);
  }
}

}  // namespace troupe::crash
