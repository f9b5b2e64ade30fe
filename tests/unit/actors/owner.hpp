#pragma once

/// \file
/// Somebody with a memory space, and what the store holds of it.

#include "cast.hpp"
#include "storage/memory_store.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

namespace troupe::test {

struct owner {
  explicit owner(cast& stage, std::string space = "alice") : stage(stage), inbox(stage.node.record()), space(space) {}

  void open() {
    auto opened = stage.ask_as<keeper_opened>(inbox, stage.memories, keeper_open{space});
    REQUIRE(opened);
    memory = opened->handle;
  }
  expected<memory_added> add(const std::string& text, float importance = 0.5f) {
    return stage.ask_as<memory_added>(inbox, memory, memory_add{text, "", importance, "test", {}});
  }
  std::vector<std::string> recall(const std::string& query) {
    auto answer = stage.ask_as<memory_recalled>(inbox, memory, memory_recall{{}, query, {}});
    REQUIRE(answer);
    std::vector<std::string> texts;
    for (auto& hit : answer->hits) texts.push_back(hit.record.text);
    return texts;
  }
  memory_listed list() {
    auto answer = stage.ask_as<memory_listed>(inbox, memory, memory_list{});
    REQUIRE(answer);
    return *answer;
  }
  std::uint64_t forget(std::uint64_t id, bool all = false) {
    auto answer = stage.ask_as<memory_forgotten>(inbox, memory, memory_forget{id, all});
    REQUIRE(answer);
    return answer->count;
  }
  void release() { stage.node.send_as(inbox, stage.memories, keeper_release{space}); }

  cast& stage;
  recorder inbox;
  std::string space;
  caf::actor memory;
};

inline std::vector<memory_record> stored(cast& stage, const std::string& space) {
  std::vector<memory_record> records;
  auto info = storage::load_space(*stage.store.database, space, [&](memory_record&& each) { records.push_back(each); });
  REQUIRE(info);
  return records;
}

}  // namespace troupe::test
