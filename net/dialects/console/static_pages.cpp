#include "net/dialects/console/static_pages.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <utility>

namespace troupe::console {
namespace {

constexpr const char* content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

std::string_view type_of(std::string_view path) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
  };
  for (auto& [ending, type] : types)
    if (path.ends_with(ending)) return type;
  return "application/octet-stream";
}

std::string entity_tag(std::string_view bytes) {
  std::array<unsigned char, 16> hash;
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                     nullptr, 0);
  std::array<char, 2 * hash.size() + 1> text;
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  return '"' + std::string(text.data()) + '"';
}

/// If-None-Match compares weakly: W/"x" is "x".
bool names(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == tag || item == "*") return true;
  }
  return false;
}

}  // namespace

static_pages::static_pages(const std::vector<page>& pages) {
  for (auto& each : pages)
    pages_.emplace(std::string(each.path), known{each.bytes, type_of(each.path), entity_tag(each.bytes)});
}

net::http_response static_pages::answer(const std::string& path, const net::header_fields& headers) const {
  const auto found = pages_.find(path.empty() ? "index.html" : path);
  if (found == pages_.end()) return net::detail_response(404, "Not Found");
  const auto& page = found->second;
  net::http_response out;
  out.headers = {
      {"ETag", page.tag},
      // Asked again each time: a page of another build would not fit the interface.
      {"Cache-Control", "no-cache"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"X-Frame-Options", "DENY"},
      {"Content-Security-Policy", content_security_policy},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
  };
  if (names(headers.find("if-none-match").value_or(""), page.tag)) {
    out.status = 304;
    out.content_type.clear();
    return out;
  }
  out.content_type = std::string(page.type);
  out.body = std::string(page.bytes);
  return out;
}

}  // namespace troupe::console
