#include "storage/character_store.hpp"

#include "storage/key_codec.hpp"
#include "storage/memory_store.hpp"
#include "storage/value_codec.hpp"

namespace troupe::storage {

namespace {

constexpr std::uint8_t version = 1;

void write_ids(value_writer& to, const std::vector<std::string>& ids) {
  to.number(ids.size());
  for (const auto& id : ids) to.text(id);
}

std::vector<std::string> read_ids(value_reader& from) {
  std::vector<std::string> ids(from.count(1));
  for (auto& id : ids) id = from.text();
  return ids;
}

kept_episode read_episode(value_reader& from) {
  kept_episode episode;
  episode.id = from.text();
  episode.text = from.text();
  episode.importance = from.real();
  episode.metadata.resize(from.count(2));
  for (auto& [name, value] : episode.metadata) {
    name = from.text();
    value = from.text();
  }
  return episode;
}

}  // namespace

std::string encode_character(const kept_character& character) {
  value_writer writer(version);
  writer.text(character.state).number(character.digest).number(character.pending.size());
  for (const auto& episode : character.pending) {
    writer.text(episode.id).text(episode.text).real(episode.importance).number(episode.metadata.size());
    for (const auto& [name, value] : episode.metadata) writer.text(name).text(value);
  }
  write_ids(writer, character.formed);
  write_ids(writer, character.forgetting);
  writer.signed_number(character.last_us);
  return writer.take();
}

expected<kept_character> decode_character(std::string_view value) {
  value_reader reader(value, version);
  kept_character character;
  character.state = reader.text();
  character.digest = reader.number();
  character.pending.resize(reader.count(7));
  for (auto& episode : character.pending) episode = read_episode(reader);
  character.formed = read_ids(reader);
  character.forgetting = read_ids(reader);
  character.last_us = reader.signed_number();
  if (auto end = reader.finish("characters"); !end) return end.error();
  return character;
}

void put_character(std::vector<write_op>& ops, std::string_view id, const kept_character& character) {
  ops.push_back({write_kind::put, column::characters, make_key(id), encode_character(character)});
}

void erase_character(std::vector<write_op>& ops, std::string_view id) {
  ops.push_back({write_kind::erase, column::characters, make_key(id), {}});
}

expected<std::optional<kept_character>> load_character(const database& store, std::string_view id) {
  auto value = store.get(column::characters, make_key(id));
  if (!value) return value.error();
  if (!*value) return std::optional<kept_character>();
  auto character = decode_character(**value);
  if (!character) return character.error();
  return std::optional(std::move(*character));
}

expected<std::vector<character_summary>> list_characters(const database& store) {
  std::vector<character_summary> all;
  expected<void> outcome;
  const auto scanned = store.for_each(column::characters, "", [&](auto key, auto value) {
    key_reader parts(key);
    character_summary one;
    one.id = parts.text();
    if (outcome = parts.finish("characters"); !outcome) return false;
    const auto character = decode_character(value);
    if (!character) {
      outcome = character.error();
      return false;
    }
    one.digest = character->digest;
    one.bytes = value.size();
    one.pending = character->pending.size();
    all.push_back(std::move(one));
    return true;
  });
  if (!scanned) return scanned.error();
  if (!outcome) return outcome.error();
  return all;
}

std::string character_space(std::string_view id) {
  return "character:" + std::string(id);
}

void erase_character_space(std::vector<write_op>& ops, std::string_view id) {
  const auto space = character_space(id);
  erase_space(ops, space);
  ops.push_back({write_kind::erase, column::spaces, make_key(space), {}});
}

expected<std::size_t> forget_private_characters(database& store, std::string_view prefix) {
  const auto spaces = list_spaces(store);
  if (!spaces) return spaces.error();
  const auto wanted = character_space(prefix);
  std::vector<write_op> ops;
  std::size_t count = 0;
  for (const auto& space : *spaces) {
    if (!space.name.starts_with(wanted)) continue;
    erase_character_space(ops, std::string_view(space.name).substr(character_space("").size()));
    ++count;
  }
  if (ops.empty()) return count;
  if (auto written = store.write(ops, true); !written) return written.error();
  return count;
}

}  // namespace troupe::storage
