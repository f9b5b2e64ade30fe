#include "net/http/router.hpp"

#include <algorithm>
#include <set>

namespace troupe::net {
namespace {

std::vector<std::string> split_pattern(std::string_view pattern) {
  std::vector<std::string> out;
  pattern.remove_prefix(1);
  for (;;) {
    auto segment = pattern.substr(0, pattern.find('/'));
    out.emplace_back(segment);
    if (segment.size() == pattern.size()) return out;
    pattern.remove_prefix(segment.size() + 1);
  }
}

bool is_parameter(const std::string& part) {
  return part.size() > 2 && part.front() == '{' && part.back() == '}';
}
bool is_rest(const std::string& part) {
  return is_parameter(part) && part.ends_with("...}");
}

std::string join(const std::vector<std::string>& segments, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < segments.size(); ++i) out += (i > from ? "/" : "") + segments[i];
  return out;
}

/// Number of fixed segments, or -1 for no match.
int match_pattern(const std::vector<std::string>& pattern, const std::vector<std::string>& segments,
                  std::map<std::string, std::string>& parameters) {
  int fixed = 0;
  parameters.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto& part = pattern[i];
    if (is_rest(part)) {
      parameters[part.substr(1, part.size() - 5)] = join(segments, i);
      return fixed;
    }
    if (i >= segments.size()) return -1;
    if (is_parameter(part)) {
      if (segments[i].empty()) return -1;
      parameters[part.substr(1, part.size() - 2)] = segments[i];
    } else if (part == segments[i]) {
      ++fixed;
    } else {
      return -1;
    }
  }
  return pattern.size() == segments.size() ? fixed : -1;
}

template <class Route, class Accept>
router::match<Route> best(const std::vector<Route>& routes, const request_target& target, Accept accept) {
  router::match<Route> out;
  int best_score = -1;
  std::map<std::string, std::string> parameters;
  for (auto& route : routes) {
    if (!accept(route)) continue;
    const int score = match_pattern(route.pattern, target.segments, parameters);
    if (score <= best_score) continue;
    best_score = score;
    out.route = &route;
    out.parameters = parameters;
  }
  return out;
}

}  // namespace

void router::add(std::string method, std::string_view pattern, http_handler handler, route_options options) {
  routes_.push_back({std::move(method), split_pattern(pattern), std::move(handler), options});
}

void router::add_websocket(std::string_view pattern, websocket_factory factory, websocket_route_options options) {
  websockets_.push_back({split_pattern(pattern), std::move(factory), options});
}

void router::render_errors(std::string prefix, error_renderer renderer) {
  renderers_.emplace_back(std::move(prefix), std::move(renderer));
  std::stable_sort(renderers_.begin(), renderers_.end(),
                   [](auto& a, auto& b) { return a.first.size() > b.first.size(); });
}

router::match<router::http_route> router::find(std::string_view method, const request_target& target) const {
  auto found = best(routes_, target, [&](const http_route& route) { return route.method == method; });
  if (!found.route && method == "HEAD") return find("GET", target);
  return found;
}

router::match<router::websocket_route> router::find_websocket(const request_target& target) const {
  return best(websockets_, target, [](const websocket_route&) { return true; });
}

std::string router::allowed_methods(const request_target& target) const {
  std::set<std::string> methods;
  std::map<std::string, std::string> parameters;
  for (auto& route : routes_)
    if (match_pattern(route.pattern, target.segments, parameters) >= 0) methods.insert(route.method);
  if (methods.contains("GET")) methods.insert("HEAD");
  std::string out;
  for (auto& method : methods) out += (out.empty() ? "" : ", ") + method;
  return out;
}

http_response router::error(const std::string& path, unsigned status, std::string_view detail) const {
  for (auto& [prefix, renderer] : renderers_)
    if (path.starts_with(prefix)) {
      auto out = renderer(status, detail);
      out.status = status;
      return out;
    }
  return detail_response(status, detail);
}

}  // namespace troupe::net
