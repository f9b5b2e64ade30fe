#include "actors/indented_json.hpp"

#include <boost/json/serialize.hpp>

#include <utility>

namespace troupe {
namespace {

void append(std::string& out, const boost::json::value& value, std::size_t level) {
  const auto line = [&out](std::size_t depth) { out.append("\n").append(depth * 2, ' '); };
  if (const auto* object = value.if_object(); object && !object->empty()) {
    out += '{';
    for (bool first = true; const auto& member : *object) {
      if (!std::exchange(first, false)) out += ',';
      line(level + 1);
      out += boost::json::serialize(member.key());
      out += ": ";
      append(out, member.value(), level + 1);
    }
    line(level);
    out += '}';
  } else if (const auto* array = value.if_array(); array && !array->empty()) {
    out += '[';
    for (bool first = true; const auto& item : *array) {
      if (!std::exchange(first, false)) out += ',';
      line(level + 1);
      append(out, item, level + 1);
    }
    line(level);
    out += ']';
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

std::string indented(const boost::json::value& value) {
  std::string out;
  append(out, value, 0);
  out += '\n';
  return out;
}

}  // namespace troupe
