#pragma once

/// \file
/// The console's pages, out of memory, under a strict content security policy:
/// scripts, styles and requests from this server only, nothing inline, in
/// nobody's frame.
///
/// Thread safety: read-only after construction. A path is looked up as a whole
/// among the known ones, so there is nothing to climb out of.
/// Cost: a map look-up and a copy of the page.

#include "net/http/message.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::console {

/// REQUIRES: both outlive the server.
struct page {
  std::string_view path;  ///< below /console/: "index.html", "js/app.js"
  std::string_view bytes;
};

class static_pages {
 public:
  explicit static_pages(const std::vector<page>& pages);

  /// 200, 304 (RFC 9110 §13.1.2) or 404. An empty path is index.html.
  net::http_response answer(const std::string& path, const net::header_fields& headers) const;

 private:
  struct known {
    std::string_view bytes;
    std::string_view type;
    std::string tag;
  };
  std::map<std::string, known, std::less<>> pages_;
};

}  // namespace troupe::console
