#pragma once

/// \file
/// The inspector: answers questions about every actor of its node and acts on
/// them (DESIGN §10; docs/console.md is its interface). On a thread of its own,
/// so that it sees and answers while every scheduler worker is stuck.
///
/// It reads cells without asking anybody. State alone is asked for, urgently
/// and with 100 ms; then the last one is shown with its age. An act is written
/// to the record before it is done, and is not done if it cannot be written.
///
/// Ownership: `deps` name what outlives the node's actors. Bounds: 256 questions
/// wait (then 503); the last states of 1,000 actors are kept, of 1 MiB at most;
/// histograms are made at the first look, rates end 60 s after the last.
/// Errors: in the answer's status, with `detail`.

#include "runtime/actor/role.hpp"
#include "runtime/inspection/actor_rates.hpp"
#include "runtime/inspection/actor_table.hpp"
#include "runtime/inspection/audit_log.hpp"
#include "runtime/messages/inspect.hpp"
#include "runtime/messages/inspection.hpp"
#include "runtime/metrics.hpp"
#include "runtime/ports/ask_inspector.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe {

/// Questions from outside the actor system on their way in. Thread safety: a leaf.
class inspector_door {
 public:
  using call = std::pair<inspect_query, std::function<void(inspect_answer)>>;
  static constexpr std::size_t capacity = 256;

  /// False if too many wait.
  bool push(call one);
  std::optional<call> pop();

 private:
  std::mutex mutex_;
  std::deque<call> waiting_;
};

struct inspector_deps {
  node_services* node = nullptr;
  const metrics* counters = nullptr;
  std::shared_ptr<inspector_door> door = std::make_shared<inspector_door>();
  std::shared_ptr<audit_log> audit = std::make_shared<audit_log>();
  /// The store as a JSON object's members; none: 404. Called on the inspector's thread.
  std::function<std::string()> store;
  std::string version;
  bool contents = false;  ///< INSPECT_CONTENTS: messages' contents may be shown
};

/// One second of the overview.
struct overview_point {
  std::int64_t at = 0;
  double messages_per_second = 0;
  double turns_per_second = 0;
  double turn_p99_ms = 0;
  double cpu_share = 0;  ///< of one core
  std::uint64_t rss_bytes = 0;
  std::size_t actors = 0;
};

struct inspector_state {
  using self_pointer = role<inspector_state>*;
  static constexpr const char* name = "inspector";

  explicit inspector_state(self_pointer self) : self_(self) {}
  caf::behavior start(inspector_deps deps);
  std::string to_json() const;

 private:
  using done_function = std::function<void(inspect_answer)>;
  /// A question under way: its answer, and what it has cost.
  struct asked {
    inspect_query query;
    done_function done;
    std::int64_t began_ns = 0;
    std::string_view parameter(std::string_view name) const;
  };
  using asked_ptr = std::shared_ptr<asked>;
  struct known_state {
    std::string json;
    std::int64_t at_ns = 0;
    std::string error;  ///< why there is no newer one
  };

  // inspector.cpp
  void knocked();
  void handle(inspect_query query, done_function done);
  void look(const asked_ptr& one);
  void looked();
  void tick();
  void answer(const asked_ptr& one, std::string members);
  void fail(const asked_ptr& one, unsigned status, std::string_view detail);
  /// Asks these actors for their states; `then` when all have answered or 100 ms have passed.
  void gather(std::vector<std::uint64_t> actors, std::function<void()> then);
  const known_state* state_of(std::uint64_t actor) const;
  /// A number within a range; nothing, and a 400 sent, if the parameter is another thing.
  std::optional<std::size_t> number_in(const asked_ptr& one, std::string_view name, std::size_t otherwise,
                                       std::size_t least, std::size_t most);

  // inspector_actors.cpp
  void show_actors(const asked_ptr& one);
  void show_actor(const asked_ptr& one, const std::shared_ptr<const actor_cell>& cell);
  void finish_actor(const asked_ptr& one, const std::shared_ptr<const actor_cell>& cell, bool contents);
  void show_tree(const asked_ptr& one);
  void show_clients(const asked_ptr& one);
  void show_store(const asked_ptr& one);
  void show_roles(const asked_ptr& one, const char* list, const std::vector<std::string_view>& roles);
  actor_row row_of(const std::shared_ptr<const actor_cell>& cell) const;
  void append_state(std::string& out, std::uint64_t actor) const;

  // inspector_overview.cpp
  void sample(const std::vector<actor_registry::entry>& actors);
  void show_overview(const asked_ptr& one);
  void show_turns(const asked_ptr& one);
  void show_turn(const asked_ptr& one);
  void show_log(const asked_ptr& one);
  void show_letters(const asked_ptr& one);
  void show_audit(const asked_ptr& one);

  // inspector_acts.cpp
  void act(const asked_ptr& one);
  void command(const asked_ptr& one, std::uint64_t actor, actor_command_kind kind, std::uint64_t record);
  void set_log_level(const asked_ptr& one, const actor_cell& cell, std::uint64_t record);
  void finish_act(const asked_ptr& one, std::uint64_t record, const char* outcome);

  self_pointer self_;
  inspector_deps deps_;
  actor_rates rates_;
  std::unordered_map<std::uint64_t, known_state> states_;
  std::deque<overview_point> points_;
  std::int64_t started_at_ = 0;
  std::int64_t looked_until_ns_ = 0;
  bool ticking_ = false;
  std::int64_t last_cpu_ns_ = 0;
  std::int64_t last_point_ns_ = 0;
  std::uint64_t last_turns_ = 0;
  std::uint64_t answered_ = 0;
};

using inspector_role = role<inspector_state>;

/// For those outside the actor system (ports/ask_inspector.hpp).
ask_inspector_function ask_through(std::shared_ptr<inspector_door> door, const caf::actor& inspector);

}  // namespace troupe
