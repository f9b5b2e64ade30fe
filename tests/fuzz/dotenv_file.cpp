/// \file
/// Arbitrary text as a `.env` file: parsed or refused, never more than it holds.

#include "config/dotenv.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto parsed = troupe::config::parse_dotenv(text);
  if (auto* entries = std::get_if<0>(&parsed))
    for (auto& entry : *entries)
      if (entry.name.empty() || entry.name.size() + entry.value.size() > size) std::abort();
  return 0;
}
