#include "storage/memory_store.hpp"

#include "storage/key_codec.hpp"
#include "storage/value_codec.hpp"

#include <algorithm>

namespace troupe::storage {

std::string encode_record(const memory_record& record) {
  value_writer writer(1);
  writer.text(record.text).text(record.kind).real(record.importance);
  writer.signed_number(record.created_at).signed_number(record.updated_at);
  writer.text(record.source).number(record.metadata.size());
  for (const auto& [name, value] : record.metadata) writer.text(name).text(value);
  return writer.text(record.embedder).reals(record.embedding).take();
}

expected<memory_record> decode_record(std::uint64_t id, std::string_view value) {
  value_reader reader(value, 1);
  memory_record record;
  record.id = id;
  record.text = reader.text();
  record.kind = reader.text();
  record.importance = reader.real();
  record.created_at = reader.signed_number();
  record.updated_at = reader.signed_number();
  record.source = reader.text();
  record.metadata.resize(reader.count(2));
  for (auto& [name, content] : record.metadata) {
    name = reader.text();
    content = reader.text();
  }
  record.embedder = reader.text();
  record.embedding = reader.reals();
  if (auto end = reader.finish("memories"); !end) return end.error();
  return record;
}

std::string encode_space(const space_info& space) {
  return value_writer(1).number(space.next_id).take();
}

expected<space_info> decode_space(std::string name, std::string_view value) {
  value_reader reader(value, 1);
  space_info space{std::move(name), reader.number()};
  if (auto end = reader.finish("spaces"); !end) return end.error();
  return space;
}

void put_record(std::vector<write_op>& ops, std::string_view space, const memory_record& record) {
  ops.push_back({write_kind::put, column::memories, make_key(space, record.id), encode_record(record)});
}

void erase_record(std::vector<write_op>& ops, std::string_view space, std::uint64_t id) {
  ops.push_back({write_kind::erase, column::memories, make_key(space, id), {}});
}

void put_space(std::vector<write_op>& ops, const space_info& space) {
  ops.push_back({write_kind::put, column::spaces, make_key(space.name), encode_space(space)});
}

void erase_space(std::vector<write_op>& ops, std::string_view space) {
  const auto from = make_key(space);
  ops.push_back({write_kind::erase_range, column::memories, from, after_prefix(from)});
}

std::vector<database::range> space_ranges(std::string_view space) {
  const auto from = make_key(space);
  return {{column::memories, from, after_prefix(from)}, {column::lessons, from, after_prefix(from)}};
}

expected<space_info> load_space(const database& store, std::string_view space,
                                const std::function<void(memory_record&&)>& take) {
  space_info info{std::string(space), 1};
  const auto stored = store.get(column::spaces, make_key(space));
  if (!stored) return stored.error();
  if (*stored) {
    auto decoded = decode_space(info.name, **stored);
    if (!decoded) return decoded.error();
    info = std::move(*decoded);
  }
  expected<void> outcome;
  const auto scanned = store.for_each(column::memories, make_key(space), [&](auto key, auto value) {
    key_reader parts(key);
    parts.text();
    const auto id = parts.number();
    if (outcome = parts.finish("memories"); !outcome) return false;
    auto record = decode_record(id, value);
    if (!record) {
      outcome = failure{failure_kind::corrupt, "memory " + std::to_string(id) + " is damaged"};
      return false;
    }
    info.next_id = std::max(info.next_id, id + 1);
    take(std::move(*record));
    return true;
  });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  return info;
}

expected<std::vector<space_info>> list_spaces(const database& store) {
  std::vector<space_info> spaces;
  expected<void> outcome;
  const auto scanned = store.for_each(column::spaces, "", [&](auto key, auto value) {
    key_reader parts(key);
    auto name = parts.text();
    if (outcome = parts.finish("spaces"); !outcome) return false;
    auto space = decode_space(std::move(name), value);
    if (!space) {
      outcome = space.error();
      return false;
    }
    spaces.push_back(std::move(*space));
    return true;
  });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  return spaces;
}

}  // namespace troupe::storage
