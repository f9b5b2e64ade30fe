#pragma once

/// \file
/// The pages in web/, as they are in the binary. Which files there are is found
/// at build time (web/CMakeLists.txt).
///
/// Ownership: the bytes live as long as the program. Thread safety: read-only.

#include <cstddef>
#include <string_view>
#include <vector>

namespace troupe::web {

struct page {
  std::string_view path;  ///< below the console's folder: "index.html", "js/app.js"
  std::string_view bytes;
};

/// What is in web/console/.
const std::vector<page>& console_pages();

}  // namespace troupe::web
