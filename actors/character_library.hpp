#pragma once

/// \file
/// The library: reads and checks characters' files, reads and writes save files
/// (contracts/character.md §6, §9).
///
/// Problem: files block, and clients name them. Everything here runs on the
/// blocking pool, within two folders that no name leaves.
///
/// Ownership: one per node. Errors: `not_found` (an unknown id: lists those
/// that are there), `invalid` (names file, line, field and rule), `busy` when
/// the pool is full, `unavailable` from the disk.
/// Bounds: a definition 256 KiB, a save 16 MiB; the pool bounds what is under way.

#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/character.hpp"
#include "runtime/node_services.hpp"

#include <filesystem>
#include <functional>
#include <map>

namespace troupe {

struct library_deps {
  node_services* node = nullptr;
  std::filesystem::path definitions;  ///< CHARACTER_SCHEMAS_DIR
  std::filesystem::path saves;        ///< SAVES_DIR
};

struct library_state {
  using self_pointer = role<library_state, library_actor>*;
  static constexpr const char* name = "library";

  explicit library_state(self_pointer self) : self_(self) {}
  library_actor::behavior_type start(library_deps deps);
  std::string to_json() const;

 private:
  template <class Answer>
  caf::result<Answer> on_pool(std::function<expected<Answer>()> work);

  self_pointer self_;
  library_deps deps_;
  std::map<std::uint64_t, std::function<void()>> waiting_;  ///< by a random number, which no restart repeats
};

using library_role = role<library_state, library_actor>;

}  // namespace troupe
