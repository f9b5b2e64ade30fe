#include "storage/schema.hpp"

#include "storage/database_handle.hpp"
#include "storage/key_codec.hpp"
#include "storage/value_codec.hpp"

#include <algorithm>

namespace troupe::storage {

std::string schema_key() {
  return make_key(std::string_view("schema"));
}

std::string encode_schema(std::uint32_t version) {
  return value_writer(1).number(version).take();
}

expected<std::uint32_t> decode_schema(std::string_view value) {
  value_reader reader(value, 1);
  const auto version = reader.number_up_to(UINT32_MAX);
  if (auto end = reader.finish("meta"); !end) return end.error();
  return static_cast<std::uint32_t>(version);
}

namespace {

std::string not_this_program(const std::string& path) {
  return "the store " + path + " was written by a newer troupe";
}

/// A store without a version is one whose making was cut short, if it is empty.
bool is_empty(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
  return std::ranges::all_of(families, [&db](auto* family) {
    const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(rocksdb::ReadOptions(), family));
    at->SeekToFirst();
    return !at->Valid() && at->status().ok();
  });
}

/// `apply` all steps from `version` to `target.version`.
expected<void> migrate(database& store, std::uint32_t version, const schema& target) {
  for (; version < target.version; ++version) {
    const auto step = std::ranges::find(target.migrations, version, &migration::from);
    if (step == target.migrations.end())
      return failure{failure_kind::incompatible, "the store " + store.path() + " has schema version "
                                                     + std::to_string(version)
                                                     + ", from which this troupe knows no way up"};
    auto ops = step->changes(store);
    if (!ops) return ops.error();
    ops->push_back({write_kind::put, column::meta, schema_key(), encode_schema(version + 1)});
    if (auto written = store.write(*ops, true); !written) return written;
  }
  return {};
}

}  // namespace

expected<void> database::settle_schema() {
  const auto wanted = options_.schema.version;
  auto& current = *state_->current;
  const auto known = static_cast<std::size_t>(std::ranges::count_if(current.families, [](auto* f) { return f; }));
  auto stored = get(column::meta, schema_key());
  if (!stored) return stored.error();
  std::uint32_t version = 0;
  if (*stored) {
    auto decoded = decode_schema(**stored);
    if (!decoded) return decoded.error();
    version = *decoded;
  } else if (!is_empty(*current.db, current.owned)) {
    return failure{failure_kind::corrupt, "the store " + path() + " has entries but no schema version"};
  }
  if (version > wanted)
    return failure{failure_kind::incompatible, not_this_program(path()) + ": it has schema version "
                                                   + std::to_string(version) + ", this one knows up to "
                                                   + std::to_string(wanted) + "; use that troupe or a backup"};
  if (current.owned.size() != known + 1)  // besides RocksDB's own "default"
    return failure{failure_kind::incompatible,
                   not_this_program(path()) + ": it has a column that this one does not know"};
  schema_version_ = version == 0 ? wanted : version;
  if (options_.read_only_check) {
    if (schema_version_ == wanted) return {};
    return failure{failure_kind::incompatible, "the store " + path() + " has the older schema version "
                                                   + std::to_string(version)
                                                   + "; start the server once to bring it up to date"};
  }
  for (const auto where : all_columns) {
    auto& family = current.families[static_cast<std::size_t>(where)];
    if (family != nullptr) continue;
    const auto status = current.db->CreateColumnFamily(store_options(env(), false), to_string(where), &family);
    if (!status.ok()) return to_failure(status, path());
    current.owned.push_back(family);
  }
  if (version == 0) {
    const write_op first[] = {{write_kind::put, column::meta, schema_key(), encode_schema(wanted)}};
    return write(first, true);
  }
  schema_version_ = wanted;
  return migrate(*this, version, options_.schema);
}

}  // namespace troupe::storage
