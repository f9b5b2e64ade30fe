#pragma once

/// \file
/// A character: one persona that all its clients share (DESIGN §3,
/// contracts/character.md).
///
/// Problem: several people talk with one person who has moods and remembers,
/// and none of them may see another's half-done turn or wait for it. Here the
/// character's mailbox is the order of events: one turn, reset or load is
/// under way, the others wait; status, search and save are answered at once.
/// What the person feels is `characters::inner_life`, which knows no actors.
///
/// Invariants
///   1. What a turn, a load, a reset or a new file changed is in the journal
///      before anybody is told; then the answer, then the event.
///   2. Every `character_say` is answered once: with the reply, a reply for want
///      of one (`fall_back`) at the latest `reply_limit` after it came, or a failure.
///   3. A turn's episode stands in the batch that makes the turn durable and
///      leaves it when memory has confirmed it: memory has it once, whatever ends when.
///   4. After a failed append the character ends; the next to open it reads back
///      what the store has, after the journal has answered every append of this one.
///   5. Of a private character nothing is journaled, and its memory is forgotten
///      when its last client goes.
///
/// A restart in place costs the turn under way: company and file are kept
/// beside the state (`character_company`), the inner life is read back.
/// Lifetime: sleeps when nobody is in its company and nothing is under way.
/// Bounds: `max_queued` turns and changes, then `busy`; `max_waiting` attaches;
/// `max_pending` episodes; `max_formed` ids of episodes; a reply is taken as it
/// is at `max_reply_bytes`.

#include "actors/recent_ids.hpp"
#include "actors/runner.hpp"
#include "characters/inner_life.hpp"
#include "runtime/actor/pending_answer.hpp"
#include "runtime/actor/role.hpp"
#include "runtime/messages/character.hpp"
#include "runtime/messages/journal.hpp"
#include "runtime/messages/memory.hpp"
#include "runtime/messages/turn.hpp"
#include "runtime/node_services.hpp"
#include "storage/character_store.hpp"
#include "storage/database.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe {

/// Who is there. A restart in place must not forget it: its clients do not notice one.
struct character_company {
  struct member {
    caf::actor handle;
    bool watches = false;
    bool hears = false;  ///< gets events
  };
  std::map<caf::actor_addr, member> members;
  bool loaded = false;  ///< somebody has attached, or loaded a save
  std::string config;   ///< of a private one
};

struct character_deps {
  using encode_function = std::function<shared_bytes(const turn_ref&, character_event_kind, const std::string& body)>;

  std::string id;
  node_services* node = nullptr;
  storage::database* database = nullptr;
  journal_actor journal;
  caf::actor keeper;         ///< of characters: whom to ask to sleep
  caf::actor memory_keeper;  ///< none: no memory
  caf::actor model;
  caf::actor library;             ///< a `library_actor`
  std::vector<caf::actor> tools;  ///< none: it calls no tools
  caf::actor approver;            ///< see `runner_deps`
  tool_limits tool_limit;
  encode_function encode_event;  ///< an event's body as its dialect's frame; none: there are no events
  recall_options recall{.k = 25, .min_importance = 0, .min_similarity = 0.25f, .kind = "experience"};
  bool quotes_memories = true;  ///< the model gets them as such, and not in its instructions alone
  std::size_t max_queued = 16;
  std::size_t max_waiting = 64;
  std::size_t max_pending = 200;
  std::size_t max_formed = 1000;
  std::size_t max_reply_bytes = 256 * 1024;
  std::chrono::milliseconds reply_limit{25000};  ///< from the arrival of the request
  std::chrono::milliseconds recall_limit{2000};
  std::chrono::milliseconds autosave{300000};  ///< 0: only when it sleeps or the server ends
  std::chrono::milliseconds idle_after{60000};
  /// One character's own: shared by its states before and after a restart only.
  std::shared_ptr<character_company> company = std::make_shared<character_company>();
};

struct character_state {
  using self_pointer = role<character_state, character_actor>*;
  static constexpr const char* name = "character";

  explicit character_state(self_pointer self) : self_(self) {}
  ~character_state();
  character_actor::behavior_type start(character_deps deps);
  std::string to_json() const;

 private:
  /// Copied into continuations; answered with an error when the last is dropped.
  using owed = std::shared_ptr<pending_answer<character_answer>>;
  using done = std::function<void()>;
  using failed = std::function<void(const failure&)>;

  enum class phase : std::uint8_t { recalling, running, saving };

  struct open_turn {
    character_say request;
    boost::json::object context;
    owed answer;
    std::int64_t due = 0;  ///< monotonic, ns
    phase step = phase::recalling;
    std::size_t asked = 0;  ///< answers of memory that are waited for
    std::vector<memory_hit> similar;
    std::vector<memory_hit> recent;
    characters::turn_plan plan;
    characters::reasoning_filter filter;
    std::string raw;        ///< what the model has said
    std::size_t shown = 0;  ///< bytes of it that subscribers have
  };

  /// A turn, a reset or a load that waits for its place.
  struct waiting_job {
    enum class kind : std::uint8_t { say, reset, restore } what = kind::say;
    character_say say;
    boost::json::object context;
    character_reset reset;
    character_restore restore;
    owed answer;
    std::int64_t due = 0;
  };

  struct waiting_attach {
    character_attach request;
    std::shared_ptr<pending_answer<character_attached>> answer;
    bool left = false;  ///< the watcher has gone again
  };
  using attaching = std::shared_ptr<waiting_attach>;

  // character.cpp: opening, company, sleep
  void begin_loading();
  void load();
  caf::result<character_attached> attach(character_attach& message);
  void read_definition(const attaching& who);
  void admit(const attaching& who, const definition_found& found);
  void refuse(const attaching& who, const failure& why);
  void let_in(const attaching& who);
  bool adopt(characters::definition who, std::uint64_t digest);
  bool reunite();
  void join(const caf::actor& watcher, bool hears);
  void leave(const caf::actor_addr& who, bool only_events);
  void announce(const turn_ref& ref, character_event_kind kind, const std::function<std::string()>& make_body);
  void announce_change(std::string_view reason);
  void lost(const turn_ref& ref);
  void keep();
  void save(done then, failed otherwise);
  void append_failed(const caf::error& error);
  bool is_private() const { return is_private_character(deps_.id); }
  bool has_watchers() const;
  bool is_idle() const;
  void idle(const idle_check& message);
  void sleep();
  void end_private();
  caf::result<drained> begin_drain(const drain& message);
  void drain_if_done();
  std::int64_t now_us() const;
  std::int64_t end_us();
  expected<void> usable() const;
  static failure shutting_down() { return {failure_kind::unavailable, "the server is shutting down"}; }
  static failure ended() { return {failure_kind::unavailable, "the character has ended"}; }

  // character_turns.cpp: the turn in flight
  caf::result<character_answer> say(character_say& message);
  expected<waiting_job> take(character_say& message);
  void next();
  void begin(waiting_job job);
  void run(std::uint64_t turn);
  void make_plan();
  void delta(run_delta& message);
  void show(std::string text);
  void run_over(run_ended& message);
  void end_well();
  void fall_back(const failure& why);
  void finish(characters::turn_outcome outcome, const failure& why);
  void abandon(const failure& why);
  void turn_over();
  void stop(const turn_ref& ref);
  void refuse_queued(const failure& why);
  void say_failed(const turn_ref& ref, const owed& answer, const failure& why);
  void deadline(std::uint64_t turn);
  void release_runner();
  bool current(const turn_ref& ref) const { return turn_ && turn_->request.ref.turn == ref.turn; }
  caf::result<run_tools_saved> tools_saved(const turn_ref& ref) const;

  // character_files.cpp: status, saves, resets
  caf::result<character_answer> status(const character_status& message) const;
  caf::result<character_answer> save_to_file(const character_save& message);
  caf::result<character_answer> wait_for_turn(waiting_job job);
  void start_restore(waiting_job& job);
  void replace(const character_restore& request, characters::inner_life life, const owed& answer);
  void start_reset(const waiting_job& job);
  void change_over();
  std::string save_text() const;
  void write_save(std::string filename, const std::function<void(const expected<save_written>&)>& then);
  void autosave(std::function<void(const failure&)> then);
  void schedule_autosave();

  // character_memory.cpp: what it remembers
  void open_memory(const done& then);
  void recall(std::uint64_t turn);
  void recalled(std::uint64_t turn);
  void remember(const characters::episode& episode);
  void offer_pending();
  void offer(const storage::kept_episode& episode);
  void confirmed(const std::string& id);
  void forget_formed();
  void forget_listed(std::shared_ptr<std::set<std::string>> wanted, std::vector<std::uint64_t> found,
                     std::uint64_t before);
  caf::result<character_answer> search(const character_search& message);

  self_pointer self_;
  character_deps deps_;
  bool ready_ = false;  ///< what the store has is read
  storage::kept_character kept_;
  std::optional<characters::inner_life> life_;
  std::optional<std::pair<characters::definition, std::uint64_t>> adopt_later_;  ///< its file changed during a turn
  std::vector<attaching> attaching_;
  std::optional<open_turn> turn_;
  bool changing_ = false;  ///< a reset or a load is under way
  std::deque<waiting_job> queue_;
  recent_ids cancelled_;
  caf::actor runner_;  ///< of the turn in flight
  caf::actor memory_;
  std::map<std::string, std::uint64_t> offered_;  ///< episodes that memory has been asked to keep, and whose turn
  std::pair<std::string, std::uint64_t> newest_;  ///< the last episode, and its turn
  bool forgetting_ = false;                       ///< episodes are being forgotten
  std::int64_t met_us_ = 0;                       ///< when somebody last had to do with it
  std::size_t saves_in_flight_ = 0;
  std::size_t files_in_flight_ = 0;
  bool dirty_ = false;  ///< changed since it last saved itself
  bool autosave_timer_ = false;
  std::uint64_t activity_ = 1;  ///< counts what keeps it awake; never 0
  bool idle_timer_ = false;
  bool closing_ = false;
  bool draining_ = false;
  bool drain_saving_ = false;
  std::vector<pending_answer<drained>> draining_for_;
};

using character_role = role<character_state, character_actor>;

}  // namespace troupe
