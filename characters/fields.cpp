#include "characters/fields.hpp"

#include "characters/plain_text.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace troupe::characters {
namespace {

const document& nothing() {
  static const document empty{document::kind::mapping};
  return empty;
}

std::string number_text(double number) {
  auto text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string rule_of(range allowed) {
  return "from " + number_text(allowed.least) + " to " + number_text(allowed.most);
}

/// Block texts end with a line end that nobody means.
std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string listed(std::initializer_list<std::string_view> words) {
  std::string text;
  for (auto word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

bool holds(std::initializer_list<std::string_view> words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

fields::fields(const document& mapping, std::string path, problems& found)
    : mapping_(&mapping), path_(std::move(path)), found_(&found) {
  std::set<std::string_view> seen;
  for (auto& each : mapping_->members)
    if (!seen.insert(each.key).second)
      found_->warn(each.at, path_of(each.key), "the key is there twice; the last one counts");
}

std::string fields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const document* fields::find(std::string_view key) {
  known_.emplace_back(key);
  auto& members = mapping_->members;
  const auto last = std::find_if(members.rbegin(), members.rend(), [&](auto& each) { return each.key == key; });
  return last == members.rend() || last->value.is == document::kind::null ? nullptr : &last->value;
}

std::string fields::required_text(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr) {
    found_->error(where(), path_of(key), "this field is required and must be a text");
    return {};
  }
  auto text = value->is_scalar() ? in_one_line(value->text) : std::string();
  if (text.empty()) found_->error(value->at, path_of(key), shown(*value) + " is not allowed, it must be a text");
  return text;
}

double fields::checked_number(std::string_view key, double otherwise, range allowed) {
  auto& members = mapping_->members;
  const auto* value = find(key);
  if (value == nullptr) {
    // Written and left empty is a mistake here, not a default.
    for (auto& each : members)
      if (each.key == key)
        found_->error(each.value.at, path_of(key), "nothing is not allowed, it must be a number " + rule_of(allowed));
    return otherwise;
  }
  if (value->is_number() && value->number >= allowed.least && value->number <= allowed.most) return value->number;
  found_->error(value->at, path_of(key), shown(*value) + " is not allowed, it must be a number " + rule_of(allowed));
  return otherwise;
}

std::string fields::text(std::string_view key, std::string_view otherwise) {
  const auto* value = find(key);
  if (value == nullptr) return std::string(otherwise);
  if (value->is_scalar()) return trimmed(value->text);
  found_->warn(value->at, path_of(key), shown(*value) + " is not a text; ignored");
  return std::string(otherwise);
}

std::string fields::word(std::string_view key, std::string_view otherwise,
                         std::initializer_list<std::string_view> known) {
  auto given = text(key, otherwise);
  if (given == otherwise || holds(known, given)) return given;
  found_->warn(find(key)->at, path_of(key),
               shown(*find(key)) + " is not one of " + listed(known) + "; kept as it is, but it changes nothing");
  return given;
}

std::string fields::choice(std::string_view key, std::string_view otherwise,
                           std::initializer_list<std::string_view> known) {
  auto given = text(key, otherwise);
  if (given == otherwise || holds(known, given)) return given;
  found_->warn(find(key)->at, path_of(key),
               shown(*find(key)) + " is not one of " + listed(known) + "; '" + std::string(otherwise) + "' is used");
  return std::string(otherwise);
}

double fields::number(std::string_view key, double otherwise, range allowed) {
  const auto* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) {
    found_->warn(value->at, path_of(key),
                 shown(*value) + " is not a number " + rule_of(allowed) + "; " + number_text(otherwise) + " is used");
    return otherwise;
  }
  const double inside = std::clamp(value->number, allowed.least, allowed.most);
  if (inside != value->number)
    found_->warn(value->at, path_of(key),
                 shown(*value) + " is not " + rule_of(allowed) + "; " + number_text(inside) + " is used");
  return inside;
}

std::int64_t fields::whole(std::string_view key, std::int64_t otherwise, range allowed) {
  const double given = number(key, static_cast<double>(otherwise), allowed);
  const double whole = std::trunc(given);
  if (whole != given)
    found_->warn(find(key)->at, path_of(key),
                 shown(*find(key)) + " is not a whole number; " + number_text(whole) + " is used");
  return static_cast<std::int64_t>(whole);
}

bool fields::flag(std::string_view key, bool otherwise) {
  const auto* value = find(key);
  if (value == nullptr) return otherwise;
  if (value->is == document::kind::boolean) return to_json(*value).as_bool();
  found_->warn(value->at, path_of(key),
               shown(*value) + " is not true or false; " + (otherwise ? "true" : "false") + " is used");
  return otherwise;
}

const std::vector<document>& fields::list(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr) return nothing().items;
  if (value->is != document::kind::list)
    found_->warn(value->at, path_of(key), shown(*value) + " is not a list; ignored");
  return value->items;
}

boost::json::array fields::texts(std::string_view key, std::initializer_list<std::string_view> otherwise) {
  boost::json::array made;
  const auto* value = find(key);
  if (value != nullptr && value->is_scalar()) {
    found_->warn(value->at, path_of(key), shown(*value) + " is not a list; taken as its only entry");
    made.emplace_back(trimmed(value->text));
    return made;
  }
  if (value == nullptr || value->is != document::kind::list) {
    if (value != nullptr) found_->warn(value->at, path_of(key), shown(*value) + " is not a list; ignored");
    for (auto word : otherwise) made.emplace_back(word);
    return made;
  }
  std::size_t index = 0;
  for (auto& item : value->items) {
    const auto path = path_of(key) + "[" + std::to_string(index++) + "]";
    auto text = item.is_scalar() ? trimmed(item.text) : std::string();
    if (text.empty() || item.is == document::kind::null)
      found_->warn(item.at, path, shown(item) + " is not a text; left out");
    else
      made.emplace_back(std::move(text));
  }
  return made;
}

boost::json::object fields::free_mapping(std::string_view key) {
  const auto* value = find(key);
  if (value == nullptr) return {};
  if (value->is == document::kind::mapping) {
    const fields for_repeated_keys(*value, path_of(key), *found_);
    return to_json(*value).as_object();
  }
  found_->warn(value->at, path_of(key), shown(*value) + " is not a mapping; ignored");
  return {};
}

boost::json::object fields::text_mapping(std::string_view key) {
  auto given = section(key);
  boost::json::object made;
  for (auto& each : given.mapping_->members) {
    if (each.value.is_scalar() && each.value.is != document::kind::null)
      made[each.key] = trimmed(each.value.text);
    else
      found_->warn(each.value.at, given.path_of(each.key), shown(each.value) + " is not a text; left out");
  }
  return made;
}

fields fields::section(std::string_view key) {
  const auto* value = find(key);
  if (value != nullptr && value->is != document::kind::mapping)
    found_->warn(value->at, path_of(key), shown(*value) + " is not a mapping; the defaults are used");
  const bool is_there = value != nullptr && value->is == document::kind::mapping;
  return fields(is_there ? *value : nothing(), path_of(key), *found_);
}

void fields::finish() {
  std::string allowed;
  std::vector<std::string> known(known_);
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  for (auto& each : known) allowed += (allowed.empty() ? "" : ", ") + each;
  for (auto& each : mapping_->members) {
    if (std::binary_search(known.begin(), known.end(), each.key)) continue;
    document key;
    key.is = document::kind::text;
    key.text = each.key;
    found_->warn(each.at, path_,
                 shown(key) + " is not a field " + (path_.empty() ? "of a character" : "of this")
                     + "; ignored (there are " + allowed + ")");
  }
}

}  // namespace troupe::characters
