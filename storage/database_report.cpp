#include "runtime/inspection/json_fields.hpp"
#include "storage/database_handle.hpp"

#include <filesystem>

namespace troupe::storage {

std::string database::report() const {
  std::string out;
  write_report(out);
  return out.substr(1, out.size() - 2);
}

void database::write_report(std::string& out) const {
  json_object to(out);
  to.flag("read_only", is_read_only()).text("read_only_reason", read_only_reason());
  to.number("schema", schema_version_).number("opened", generation());
  std::error_code error;
  const auto space = std::filesystem::space(options_.path, error);
  if (error)
    to.raw("disk_free_bytes", "null");
  else
    to.number("disk_free_bytes", space.available);
  const auto pinned = pin();
  if (!pinned) {
    to.text("error", pinned.error().message);
  } else {
    auto& db = *(*pinned)->db;
    const auto number = [&](rocksdb::ColumnFamilyHandle* family, const char* property) {
      std::uint64_t value = 0;
      db.GetIntProperty(family, std::string("rocksdb.") + property, &value);
      return value;
    };
    std::string columns = "[";
    std::uint64_t pending = 0;
    for (const auto each : all_columns) {
      auto* family = (*pinned)->family(each);
      if (family == nullptr) continue;
      if (columns.size() > 1) columns += ',';
      json_object one(columns);
      one.text("name", to_string(each)).number("keys_estimate", number(family, "estimate-num-keys"));
      one.number("bytes", number(family, "total-sst-files-size"));
      one.number("memtable_bytes", number(family, "size-all-mem-tables"));
      pending += number(family, "estimate-pending-compaction-bytes");
    }
    auto* any = (*pinned)->family(column::meta);
    to.raw("columns", columns + "]").number("pending_compaction_bytes", pending);
    to.flag("stalled", number(any, "is-write-stopped") != 0 || number(any, "actual-delayed-write-rate") != 0);
    to.number("running_flushes", number(any, "num-running-flushes"));
    to.number("running_compactions", number(any, "num-running-compactions"));
  }
}

}  // namespace troupe::storage
