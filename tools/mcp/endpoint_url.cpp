#include "tools/mcp/endpoint_url.hpp"

namespace troupe::mcp {
namespace {

/// "http://host:port" of a URL.
std::string_view origin_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", scheme + 3));
}

}  // namespace

expected<std::string> endpoint_url(std::string_view stream_url, std::string_view endpoint) {
  const failure elsewhere{failure_kind::denied, "wants its messages sent to another host"};
  for (char c : endpoint)
    if (static_cast<unsigned char>(c) <= ' ' || c == '\\' || c == 0x7F)
      return failure{failure_kind::invalid, "names an endpoint that is no URL"};
  const auto origin = origin_of(stream_url);
  if (endpoint.empty() || origin.empty()) return failure{failure_kind::invalid, "names an endpoint that is no URL"};
  if (endpoint.find("://") < endpoint.find_first_of("/?#")) {
    if (origin_of(endpoint) != origin) return elsewhere;
    return std::string(endpoint);
  }
  if (endpoint.starts_with("//")) return elsewhere;
  if (endpoint.front() == '/') return std::string(origin) + std::string(endpoint);
  auto path = stream_url.substr(0, stream_url.find_first_of("?#"));
  if (endpoint.front() == '?') return std::string(path) + std::string(endpoint);
  const auto slash = path.rfind('/');
  path = slash < origin.size() || slash == std::string_view::npos ? origin : path.substr(0, slash);
  return std::string(path) + "/" + std::string(endpoint);
}

}  // namespace troupe::mcp
