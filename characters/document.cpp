#include "characters/document.hpp"

#include "characters/plain_text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace troupe::characters {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (auto word : words)
    if (text == word) return true;
  return false;
}

/// from_chars takes no leading plus and takes "inf" and "nan", which are no numbers here.
std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

bool begins_as_number(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (!text.empty() && text[0] == '.') text.remove_prefix(1);
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

class json_reader {
 public:
  explicit json_reader(std::string_view name) : name_(name) {}

  expected<document> read(const boost::json::value& value, std::size_t depth) {
    if (depth > deepest_document) return refuse("is nested more than " + std::to_string(deepest_document) + " deep");
    if (++count_ > most_document_values)
      return refuse("holds more than " + std::to_string(most_document_values) + " values");
    document made;
    switch (value.kind()) {
      case boost::json::kind::null: break;
      case boost::json::kind::bool_:
        made.is = document::kind::boolean;
        made.text = value.get_bool() ? "true" : "false";
        break;
      case boost::json::kind::int64:
      case boost::json::kind::uint64:
        made.is = document::kind::integer;
        made.text = boost::json::serialize(value);
        made.number = value.to_number<double>();
        break;
      case boost::json::kind::double_:
        made.is = document::kind::number;
        made.text = boost::json::serialize(value);
        made.number = value.get_double();
        break;
      case boost::json::kind::string:
        made.is = document::kind::text;
        made.text.assign(value.get_string().data(), value.get_string().size());
        if (auto fault = check(made.text)) return *fault;
        break;
      case boost::json::kind::array: return read_list(value.get_array(), depth);
      case boost::json::kind::object: return read_mapping(value.get_object(), depth);
    }
    return made;
  }

 private:
  failure refuse(const std::string& rule) const { return {failure_kind::invalid, std::string(name_) + " " + rule}; }

  std::optional<failure> check(std::string_view text) {
    bytes_ += text.size();
    if (bytes_ > most_document_bytes)
      return refuse("holds more than " + std::to_string(most_document_bytes) + " bytes of text");
    if (auto fault = fault_in(text)) return refuse("holds a text with " + fault->what);
    return std::nullopt;
  }

  expected<document> read_list(const boost::json::array& array, std::size_t depth) {
    document made;
    made.is = document::kind::list;
    for (auto& item : array) {
      auto read_item = read(item, depth + 1);
      if (!read_item) return read_item.error();
      made.items.push_back(std::move(*read_item));
    }
    return made;
  }

  expected<document> read_mapping(const boost::json::object& object, std::size_t depth) {
    document made;
    made.is = document::kind::mapping;
    for (auto& member : object) {
      const std::string key(member.key());
      if (auto fault = check(key)) return *fault;
      auto value = read(member.value(), depth + 1);
      if (!value) return value.error();
      made.members.push_back({key, {}, std::move(*value)});
    }
    return made;
  }

  std::string_view name_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

document::extent document::size() const {
  extent sum{1, text.size(), 0};
  auto add = [&](const document& part) {
    const auto more = part.size();
    sum.values += more.values;
    sum.bytes += more.bytes;
    sum.depth = std::max(sum.depth, more.depth);
  };
  for (auto& item : items) add(item);
  for (auto& each : members) {
    sum.bytes += each.key.size();
    add(each.value);
  }
  ++sum.depth;
  return sum;
}

document plain_scalar(std::string text, place at) {
  document made;
  made.at = at;
  made.is = document::kind::text;
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) {
    made.is = document::kind::null;
  } else if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
    made.is = document::kind::boolean;
  } else if (begins_as_number(text)) {
    const auto digits = without_plus(text);
    double number = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error == std::errc() && end == digits.data() + digits.size() && std::isfinite(number)) {
      made.number = number;
      std::int64_t whole = 0;
      auto [whole_end, whole_error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
      made.is = whole_error == std::errc() && whole_end == digits.data() + digits.size() ? document::kind::integer
                                                                                         : document::kind::number;
    }
  }
  made.text = std::move(text);
  return made;
}

expected<document> read_json(const boost::json::value& value, std::string_view name) {
  return json_reader(name).read(value, 1);
}

boost::json::value to_json(const document& value) {
  switch (value.is) {
    case document::kind::null: return nullptr;
    case document::kind::boolean: return value.text[0] == 't' || value.text[0] == 'T';
    case document::kind::integer: {
      const auto digits = without_plus(value.text);
      std::int64_t whole = 0;
      if (std::from_chars(digits.data(), digits.data() + digits.size(), whole).ec == std::errc()) return whole;
      return value.number;
    }
    case document::kind::number: return value.number;
    case document::kind::text: return boost::json::value(value.text);
    case document::kind::list: {
      boost::json::array made;
      for (auto& item : value.items) made.push_back(to_json(item));
      return made;
    }
    case document::kind::mapping: break;
  }
  boost::json::object made;
  for (auto& each : value.members) made[each.key] = to_json(each.value);
  return made;
}

std::string at(std::string_view file, place where) {
  std::string text(file);
  if (where.line > 0) text += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
  return text;
}

}  // namespace troupe::characters
