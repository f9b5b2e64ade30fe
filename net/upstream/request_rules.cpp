#include "net/upstream/request_rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <memory>

namespace troupe::upstream {
namespace {

failure invalid(std::string message) {
  return {failure_kind::invalid, std::move(message)};
}

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || others.find(c) != std::string_view::npos;
  });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_loopback(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr six{};
    if (::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &six) != 1) return false;
    return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
  }
  host = lower(host);
  if (host.ends_with('.')) host.pop_back();
  if (host == "localhost" || host.ends_with(".localhost")) return true;
  in_addr four{};
  return ::inet_pton(AF_INET, host.c_str(), &four) == 1 && (ntohl(four.s_addr) >> 24) == 127;
}

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

/// Between "//" and the path: where credentials would stand.
std::string_view authority(std::string_view url) {
  const auto begin = url.find("//");
  if (begin == std::string_view::npos) return {};
  url.remove_prefix(begin + 2);
  return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

expected<request_target> read_target(const std::string& url) {
  if (url.find('\0') != std::string::npos) return invalid("the URL of the request holds a zero byte");
  const auto where = authority(url);
  if (where.find('@') != std::string_view::npos)
    return invalid("the URL of the request may hold no user name or password");
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> read(curl_url(), curl_url_cleanup);
  if (!read || curl_url_set(read.get(), CURLUPART_URL, url.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
    return invalid("the URL of the request is not valid");
  const auto scheme = part(read.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    return invalid("the URL of the request must begin with http:// or https://");
  if (!part(read.get(), CURLUPART_USER).empty() || !part(read.get(), CURLUPART_PASSWORD).empty())
    return invalid("the URL of the request may hold no user name or password");
  const auto host = part(read.get(), CURLUPART_HOST);
  if (host.empty() || where.empty()) return invalid("the URL of the request names no host");
  return request_target{host + ":" + part(read.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT), is_loopback(host)};
}

std::optional<failure> broken_rule(const http_request& request) {
  if (!is_token(request.method)) return invalid("the method of the request is not a token of letters");
  std::size_t number = 0;
  for (auto& [name, value] : request.headers) {
    const auto which = "header " + std::to_string(++number) + " of the request: ";
    if (!is_token(name)) return invalid(which + "its name is not a token of letters, digits and dashes");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return invalid(which + "its value holds a line break or a zero byte");
    const auto known = lower(name);
    if (known == "content-length" || known == "transfer-encoding")
      return invalid(which + "the length of the body is set by the client itself");
  }
  return std::nullopt;
}

curl_slist* header_list(const http_request& request, const std::string& user_agent) {
  curl_slist* list = nullptr;
  bool good = true, typed = false, named = false;
  const auto add = [&](const std::string& line) {
    auto* longer = curl_slist_append(list, line.c_str());
    good = good && longer != nullptr;
    if (longer != nullptr) list = longer;
  };
  for (auto& [name, value] : request.headers) {
    const auto known = lower(name);
    if (known == "expect") continue;
    typed = typed || known == "content-type";
    named = named || known == "user-agent";
    const bool blank = value.find_first_not_of(" \t") == std::string::npos;
    add(blank ? name + ";" : name + ": " + value);  // libcurl's form of an empty value
  }
  add("Expect:");                    // no waiting for 100-continue
  if (!typed) add("Content-Type:");  // not a form, which libcurl would say
  if (!named && !user_agent.empty()) add("User-Agent: " + user_agent);
  if (good) return list;
  curl_slist_free_all(list);
  return nullptr;
}

}  // namespace troupe::upstream
