#pragma once

/// \file
/// A store in RAM whose disk fails on demand, and a replication port that keeps
/// every write in order.

#include "runtime/ports/replication.hpp"
#include "storage/database.hpp"
#include "storage/key_codec.hpp"
#include "support/faulty_file_system.hpp"

#include <rocksdb/env.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace troupe::test {

struct test_store {
  test_store() {
    storage::open_options options;
    options.path = "/store";
    options.env = environment.get();
    auto opened = storage::database::open(options);
    if (!opened) throw std::runtime_error(opened.error().message);
    database = std::move(*opened);
  }

  std::unique_ptr<rocksdb::Env> memory{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::shared_ptr<faulty_file_system> disk = std::make_shared<faulty_file_system>(memory->GetFileSystem());
  std::unique_ptr<rocksdb::Env> environment = rocksdb::NewCompositeEnv(disk);
  std::unique_ptr<storage::database> database;
};

/// Answers at once, or when told, and keeps every batch.
class replication_log final : public replication_port {
 public:
  struct batch {
    std::uint64_t number = 0;
    std::vector<write_op> ops;
    std::function<void(failure)> done;  ///< while it waits to be answered
  };

  void replicate(std::uint64_t number, std::span<const write_op> ops, std::function<void(failure)> done) override {
    batches.push_back({number, {ops.begin(), ops.end()}, {}});
    if (hold)
      batches.back().done = std::move(done);
    else
      done(error);
  }
  void answer(std::size_t which, failure with = {}) { std::exchange(batches[which].done, {})(std::move(with)); }

  /// The batches that changed something: asking the journal to say when it has
  /// come so far is a batch too.
  std::vector<batch> with_changes() const {
    std::vector<batch> found;
    for (auto& each : batches)
      if (!each.ops.empty()) found.push_back({each.number, each.ops, {}});
    return found;
  }

  /// How often each event number of a session was written.
  std::map<std::uint64_t, std::size_t> event_writes(const std::string& session) const {
    std::map<std::uint64_t, std::size_t> count;
    for (auto& each : batches)
      for (auto& op : each.ops) {
        if (op.where != column::events || op.kind != write_kind::put) continue;
        storage::key_reader parts(op.key);
        if (parts.text() == session) ++count[parts.number()];
      }
    return count;
  }

  std::vector<batch> batches;
  failure error;
  bool hold = false;
};

}  // namespace troupe::test
