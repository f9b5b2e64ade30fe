#include "net/http/message.hpp"

#include "net/json.hpp"

#include <algorithm>

namespace troupe::net {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return low(x) == low(y); });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool percent_decode(std::string_view text, bool plus_is_space, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return false;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return true;
}

bool parse_query(std::string_view query, std::multimap<std::string, std::string>& out) {
  while (!query.empty()) {
    auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    auto equals = pair.find('=');
    std::string name, value;
    if (!percent_decode(pair.substr(0, equals), true, name)) return false;
    if (equals != std::string_view::npos && !percent_decode(pair.substr(equals + 1), true, value)) return false;
    out.emplace(repair_utf8(name), repair_utf8(value));
  }
  return true;
}

}  // namespace

std::optional<std::string_view> header_fields::find(std::string_view name) const {
  for (auto& [key, value] : fields_)
    if (same_name(key, name)) return value;
  return std::nullopt;
}

std::optional<std::string_view> request_target::parameter(std::string_view name) const {
  auto found = query.find(std::string(name));
  if (found == query.end()) return std::nullopt;
  return found->second;
}

std::optional<request_target> parse_target(std::string_view target) {
  request_target out;
  target = target.substr(0, target.find('#'));
  if (!target.starts_with('/')) return std::nullopt;
  auto mark = target.find('?');
  if (mark != std::string_view::npos && !parse_query(target.substr(mark + 1), out.query)) return std::nullopt;
  auto path = target.substr(1, mark == std::string_view::npos ? mark : mark - 1);
  for (std::string decoded;;) {
    auto segment = path.substr(0, path.find('/'));
    if (!percent_decode(segment, false, decoded) || decoded.find('\0') != std::string::npos) return std::nullopt;
    decoded = repair_utf8(decoded);
    out.path += '/';
    out.path += decoded;
    out.segments.push_back(decoded);
    if (segment.size() == path.size()) return out;
    path.remove_prefix(segment.size() + 1);
  }
}

http_responder::~http_responder() {
  if (!answered_.exchange(true)) sink_(detail_response(500, "Internal Server Error"));
}

bool http_responder::respond(http_response response) {
  if (answered_.exchange(true)) return false;
  sink_(std::move(response));
  return true;
}

http_response detail_response(unsigned status, std::string_view detail) {
  http_response out;
  out.status = status;
  out.body = "{\"detail\":";
  append_json_string(out.body, detail);
  out.body += '}';
  return out;
}

}  // namespace troupe::net
