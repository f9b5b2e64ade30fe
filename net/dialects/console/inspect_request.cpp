#include "net/dialects/console/inspect_request.hpp"

#include <algorithm>

namespace troupe::console {
namespace {

constexpr std::size_t prefix_segments = 2;  // "console", "api"
constexpr std::size_t most_parameters = 32;

}  // namespace

expected<inspect_query> query_of(const net::request_target& target) {
  const auto& segments = target.segments;
  const bool ours = segments.size() > prefix_segments && segments[0] == "console" && segments[1] == "api";
  if (!ours || std::ranges::any_of(segments, &std::string::empty)) return failure{failure_kind::not_found, "Not Found"};
  inspect_query query;
  query.path.assign(segments.begin() + prefix_segments, segments.end());
  for (auto& [name, value] : target.query) {
    if (name == "token") continue;
    if (!query.parameters.empty() && query.parameters.back().name == name)
      return failure{failure_kind::invalid, name + ": must be given once only"};
    query.parameters.push_back({name, value});
  }
  if (query.parameters.size() > most_parameters)
    return failure{failure_kind::invalid, "there may be at most " + std::to_string(most_parameters) + " parameters"};
  return query;
}

}  // namespace troupe::console
