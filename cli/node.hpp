#pragma once

/// \file
/// A node: the store, the actor system and the actors that are always there,
/// wired to their ports. The one place where implementations meet interfaces;
/// the server puts the network in front of it, the commands that work on a
/// stopped store use it as it is.
///
/// Ownership: owns everything; `stop` (or the destructor) ends actors before
/// the store. Thread safety: construct and stop from one thread.
/// Errors: opening the store fails with the store's own failure.

#include "actors/character.hpp"
#include "config/settings.hpp"
#include "runtime/actor/registry.hpp"
#include "runtime/inspection/turn_traces.hpp"
#include "runtime/messages/all.hpp"
#include "runtime/metrics.hpp"
#include "runtime/node_services.hpp"
#include "runtime/ports/ask_inspector.hpp"
#include "runtime/ports/ask_model.hpp"
#include "runtime/ports/batch_embedder.hpp"
#include "runtime/ports/embedder.hpp"
#include "runtime/ports/language_model.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_config.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"
#include "storage/database.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace troupe {
class inspector_door;
}

namespace troupe::cli {

struct upstreams;

class node {
 public:
  /// `must_exist`: a command that only looks does not make a store. Without a
  /// `model` the offline one speaks; without an `embedder` the offline one embeds.
  static expected<std::unique_ptr<node>> open(const config::settings& settings, bool must_exist = false,
                                              std::shared_ptr<language_model> model = nullptr,
                                              std::shared_ptr<const batch_embedder> embedder = nullptr);
  /// On a store in memory: nothing of it is left at the end, and DATA_DIR is not touched.
  static expected<std::unique_ptr<node>> open_in_memory(const config::settings& settings,
                                                        std::shared_ptr<language_model> model = nullptr,
                                                        std::shared_ptr<const batch_embedder> embedder = nullptr);
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  node_services& services() { return *services_; }
  storage::database& database() { return *database_; }
  thread_pool& pool() { return pool_; }
  metrics& counters() { return metrics_; }
  const metrics& counters() const { return metrics_; }
  const node_services& services() const { return *services_; }
  const turn_traces& traces() const { return traces_; }
  const config::settings& settings() const { return settings_; }
  const journal_actor& journal() const { return journal_; }
  const caf::actor& sessions() const { return sessions_; }
  const caf::actor& memories() const { return memories_; }
  /// The keeper of characters, and where their files are read and written.
  const caf::actor& characters() const { return characters_; }
  const library_actor& library() const { return library_; }

  /// How characters' events become frames. REQUIRES: called before the first character wakes.
  void set_character_events(character_deps::encode_function encode) { encode_character_event_ = std::move(encode); }

  /// Through an actor of its own (actors/model_question.hpp).
  ask_model_function ask_model();

  /// The way to this node's inspector (actors/inspector.hpp). REQUIRES: `start_inspector`.
  ask_inspector_function ask_inspector() const;
  /// Called once, before the server opens.
  expected<void> start_inspector();

  /// Spawns the tool sources: the built-in set and the MCP servers. REQUIRES:
  /// called at most once, before the first session; `outside` outlives the node.
  void start_tools(const upstreams& outside);

  /// Sends traces to OTLP_ENDPOINT from now on, if that is set. REQUIRES: called
  /// at most once; `outside` outlives the node.
  void start_trace_export(const upstreams& outside);

  /// Ends or interrupts the turns in flight and waits until that is durable,
  /// at most `grace` plus a second. REQUIRES: called once, before `stop`.
  void drain(std::chrono::milliseconds grace);
  void stop();

 private:
  explicit node(const config::settings& settings);
  expected<void> start(bool must_exist);
  expected<void> tidy_store();
  void start_characters();

  config::settings settings_;
  metrics metrics_;
  system_clock_port clock_;
  system_random random_;
  thread_pool pool_;
  actor_registry registry_;
  turn_traces traces_{clock_, {.slow = settings_.slow_turn}};
  std::shared_ptr<rocksdb::Env> memory_;  ///< none: the store is on disk
  std::unique_ptr<storage::database> database_;
  std::unique_ptr<system_config> system_config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<node_services> services_;
  std::shared_ptr<const embedder> embedder_;
  std::shared_ptr<const batch_embedder> remote_embedder_;
  std::shared_ptr<language_model> model_port_;
  journal_actor journal_;
  caf::actor model_;
  caf::actor sessions_;
  caf::actor memories_;
  caf::actor characters_;
  library_actor library_;
  character_deps::encode_function encode_character_event_;
  std::vector<caf::actor> tools_;
  caf::actor inspector_;
  std::shared_ptr<inspector_door> door_;
  caf::actor trace_exporter_;  ///< none: traces go nowhere
};

/// The store's folder below DATA_DIR.
std::filesystem::path store_path(const config::settings& settings);

}  // namespace troupe::cli
