#include "storage/lesson_log.hpp"

#include "storage/key_codec.hpp"
#include "storage/value_codec.hpp"

namespace troupe::storage {

std::string lesson_key(std::string_view space, std::string_view session, std::uint64_t number) {
  return make_key(space, session, number);
}

void put_lesson(std::vector<write_op>& ops, std::string key, std::string_view teaching) {
  ops.push_back({write_kind::put, column::lessons, std::move(key), value_writer(1).text(teaching).take()});
}

void erase_lesson(std::vector<write_op>& ops, std::string key) {
  ops.push_back({write_kind::erase, column::lessons, std::move(key), {}});
}

void erase_lessons(std::vector<write_op>& ops, std::string_view space) {
  const auto from = make_key(space);
  ops.push_back({write_kind::erase_range, column::lessons, from, after_prefix(from)});
}

expected<lesson> decode_lesson(std::string_view key, std::string_view value) {
  lesson found;
  found.key = key;
  key_reader parts(key);
  found.space = parts.text();
  found.session = parts.text();
  found.number = parts.number();
  if (auto end = parts.finish("lessons"); !end) return end.error();
  value_reader reader(value, 1);
  found.teaching = reader.text();
  if (auto end = reader.finish("lessons"); !end) return end.error();
  return found;
}

expected<std::vector<lesson>> lessons_of(const database& store, std::string_view space) {
  std::vector<lesson> lessons;
  expected<void> outcome;
  const auto scanned = store.for_each(column::lessons, make_key(space), [&](auto key, auto value) {
    auto found = decode_lesson(key, value);
    if (!found) {
      outcome = found.error();
      return false;
    }
    lessons.push_back(std::move(*found));
    return true;
  });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  return lessons;
}

expected<std::vector<std::string>> spaces_with_lessons(const database& store) {
  std::vector<std::string> spaces;
  const auto scanned = store.for_each(column::lessons, "", [&](auto key, auto) {
    auto space = key_reader(key).text();
    if (spaces.empty() || spaces.back() != space) spaces.push_back(std::move(space));
    return true;
  });
  if (!scanned) return scanned.error();
  return spaces;
}

}  // namespace troupe::storage
