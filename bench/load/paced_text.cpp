#include "bench/load/paced_text.hpp"

#include <charconv>
#include <cstdio>

namespace troupe::bench {

std::optional<paced_order> find_order(std::string_view text) {
  const auto begin = text.find("bench{");
  const auto end = text.find('}', begin);
  if (begin == text.npos || end == text.npos) return std::nullopt;
  text = text.substr(begin + 6, end - begin - 6);
  paced_order order;
  const auto field = [&](std::string_view name, std::uint64_t& value) {
    const auto at = text.find(name);
    if (at != text.npos) std::from_chars(text.data() + at + name.size(), text.data() + text.size(), value);
  };
  field("first=", order.first);
  field("count=", order.count);
  field("pace_us=", order.pace_us);
  field("size=", order.size);
  if (order.size < record_header) order.size = record_header;
  return order;
}

std::string to_text(const paced_order& order) {
  return "bench{first=" + std::to_string(order.first) + " count=" + std::to_string(order.count)
         + " pace_us=" + std::to_string(order.pace_us) + " size=" + std::to_string(order.size) + "}";
}

std::string make_record(std::uint64_t number, std::uint64_t due_ns, std::size_t size) {
  std::string record(size, static_cast<char>('a' + number % 26));
  char header[record_header + 1];
  std::snprintf(header, sizeof header, "%08llx %016llx ", static_cast<unsigned long long>(number & 0xffffffffu),
                static_cast<unsigned long long>(due_ns));
  record.replace(0, record_header, header, record_header);
  return record;
}

std::optional<std::uint64_t> record_checker::check(std::string_view record) const {
  std::uint64_t due = 0;
  const auto* begin = record.data() + 9;
  if (std::from_chars(begin, begin + 16, due, 16).ptr != begin + 16) return std::nullopt;
  if (record != make_record(next_, due, size_)) return std::nullopt;
  return due;
}

}  // namespace troupe::bench
