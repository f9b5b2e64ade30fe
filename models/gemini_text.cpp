#include "models/gemini_text.hpp"

#include "models/provider_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace troupe::models {
namespace {

namespace json = boost::json;

bool read_range(const json::value& value, signed_range& out) {
  const auto* items = value.if_array();
  if (!items || items->size() != 3) return false;
  const auto* begin = (*items)[0].if_int64();
  const auto* end = (*items)[1].if_int64();
  const auto* signature = (*items)[2].if_string();
  if (!begin || !end || !signature || *begin < 0 || *end < *begin) return false;
  out = {static_cast<std::size_t>(*begin), static_cast<std::size_t>(*end),
         std::string(signature->c_str(), signature->size())};
  return true;
}

/// In order, not overlapping and inside the text, or nothing.
std::vector<signed_range> ranges_of(std::string_view opaque, std::size_t size) {
  const auto value = text_or_json(opaque);
  std::vector<signed_range> out;
  std::size_t at = 0;
  if (const auto* items = value.if_array())
    for (const auto& item : *items) {
      signed_range range;
      if (!read_range(item, range) || range.begin < at || range.end > size) return {};
      at = range.end;
      out.push_back(std::move(range));
    }
  return out;
}

}  // namespace

std::string to_opaque(const std::vector<signed_range>& ranges) {
  if (ranges.empty()) return {};
  json::array out;
  for (const auto& range : ranges)
    out.push_back(
        json::array{static_cast<std::int64_t>(range.begin), static_cast<std::int64_t>(range.end), range.signature});
  return json::serialize(out);
}

std::vector<signed_piece> signed_pieces(std::string_view text, std::string_view opaque) {
  std::vector<signed_piece> out;
  std::size_t at = 0;
  for (auto& range : ranges_of(opaque, text.size())) {
    if (range.begin > at) out.push_back({text.substr(at, range.begin - at), {}});
    out.push_back({text.substr(range.begin, range.end - range.begin), std::move(range.signature)});
    at = range.end;
  }
  if (at < text.size()) out.push_back({text.substr(at), {}});
  return out;
}

}  // namespace troupe::models
