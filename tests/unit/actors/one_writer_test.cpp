/// One writer per conversation (DESIGN §1.8), whatever the order of messages
/// and whoever ends: thousands of seeded runs of the whole cast.

#include "client.hpp"
#include "storage/fact_extraction.hpp"
#include "storage/lesson_log.hpp"
#include "storage/memory_store.hpp"
#include "support/catch.hpp"

#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A client that comes back whenever its conversation is reset, as a
/// connection does, and notes what it was promised.
class returning_client {
 public:
  struct sent_turn {
    std::uint64_t turn = 0;
    answer_slot<turn_accepted> slot;
    std::size_t after = 0;  ///< messages it had seen when it submitted
    bool stayed = true;     ///< it has watched ever since
  };

  returning_client(cast& stage, const std::string& id, const std::string& principal)
      : me(stage, id, session_retention::resumable, principal) {}

  /// Reacts to what has come since; answers first, since a reset ends what they began.
  void react() {
    if (opening && *opening) {
      auto opened = std::move(*std::exchange(opening, nullptr));
      if (*opened) {
        me.session = (*opened)->handle;
        me.inbox.monitor(me.session);
        attaching = me.stage.request_as<session_attached>(me.inbox, me.session, me.attach_message(~0ull));
      }
    }
    if (attaching && *attaching) attached = std::exchange(attaching, nullptr)->value().has_value();
    auto& messages = me.inbox.messages();
    for (; seen < messages.size(); ++seen) {
      const auto& content = messages[seen].content;
      const bool reset = content.match_elements<session_reset>();
      const bool down = content.match_elements<caf::down_msg>() && me.session
                        && content.get_as<caf::down_msg>(0).source == me.session.address();
      if (reset || down) go();
    }
    if (!me.session && !opening && !attaching)
      opening = me.stage.request_as<keeper_opened>(me.inbox, me.stage.sessions, keeper_open{me.spec.id});
    if (me.session && !attached && !attaching && !opening) go();
  }
  void go() {
    me.session = nullptr;
    attached = false;
    attaching = nullptr;
  }
  void submit(turn_submit turn) {
    if (!attached) return;
    turns.push_back({turn.ref.turn, nullptr, me.inbox.messages().size(), true});
    turns.back().slot = me.submit(std::move(turn));
  }
  void leave_and_return() {
    if (!attached) return;
    for (auto& turn : turns) turn.stayed = false;
    me.leave();
    go();
  }

  client me;
  answer_slot<keeper_opened> opening;
  answer_slot<session_attached> attaching;
  bool attached = false;
  std::size_t seen = 0;
  std::vector<sent_turn> turns;
};

/// One conversation's run, judged at its end.
class stormy_run {
 public:
  stormy_run(std::uint64_t seed, test_store& store)
      : stage({.seed = seed,
               .store = &store,
               .session =
                   [](session_deps& deps) {
                     deps.snapshot_every = 5;
                     deps.max_queued = 3;
                   }}),
        name("storm" + std::to_string(seed)) {
    for (int i = 0; i < 2; ++i) clients.emplace_back(stage, name, name);
  }

  void run() {
    for (int action = 0; action < 30; ++action) {
      act();
      for (auto steps = random().below(40); steps > 0; --steps) {
        stage.node.step_random();
        for (auto& each : clients) each.react();
      }
    }
    // An answer that never ends is stopped; then all comes to rest.
    for (int round = 0; round < 6; ++round) {
      stage.node.run_random();
      for (auto& each : clients) {
        each.react();
        if (each.attached) each.me.stop(0);
      }
    }
    stage.node.run_random();
  }

  void judge_clients() {
    for (auto& each : clients) {
      view seen;
      for (auto& turn : each.turns) {
        const auto ends = each.me.ends(turn.turn).size();
        REQUIRE(*turn.slot);
        if (!turn.slot->value()) {
          REQUIRE(ends == 0);
          continue;
        }
        REQUIRE(ends <= 1);
        if (ends == 0 && turn.stayed) REQUIRE(was_reset(each, turn.after));
      }
    }
    REQUIRE(stage.double_wakes == 0);
  }

  void judge_store() {
    for (auto& each : clients) stage.node.kill(each.me.inbox.handle());
    if (auto session = stage.find("session", name)) stage.node.kill(session);
    client last(stage, name, session_retention::resumable, name);
    auto state = last.come();
    REQUIRE(state);
    auto loaded = storage::load_session(*stage.store.database, name);
    REQUIRE(loaded);
    if (!*loaded) return;
    REQUIRE((*loaded)->open_turns.empty());
    std::map<std::uint64_t, std::vector<event_kind>> turns;
    std::uint64_t number = 0;
    for (auto& event : last.stored()) {
      REQUIRE(event.number == ++number);
      if (event.turn != 0) turns[event.turn].push_back(event.kind);
    }
    for (auto& [turn, kinds] : turns) {
      REQUIRE(kinds.size() == 2);
      REQUIRE(kinds[0] == event_kind::user);
      REQUIRE(kinds[1] != event_kind::user);
    }
    for (auto& [written, times] : stage.written.event_writes(name)) REQUIRE(times == 1);
    judge_memory(last);
  }

 private:
  test_random& random() { return stage.node.random(); }
  returning_client& anyone() { return clients[random().below(clients.size())]; }

  void act() {
    auto& who = anyone();
    switch (random().below(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: return who.submit(next_turn());
      case 5:
        if (who.attached && last_turn > 0) who.me.stop(1 + random().below(last_turn + 1));
        return;
      case 6: return who.leave_and_return();
      case 7: return end("session", name);
      case 8: return restart("session", name);
      case 9: return end("runner", name);
      case 10: return restart("runner", name);
      case 11: return end("memory", name);
      case 12: return restart("memory", name);
      case 13: return restart(random().below(2) ? "model" : "keeper", "");
      case 14: {
        for (auto& each : clients) {
          for (auto& turn : each.turns) turn.stayed = false;
          if (each.attached) each.me.leave();
        }
        stage.node.advance(std::chrono::seconds(130));  // all sleep
        for (auto& each : clients) each.go();
        return;
      }
      case 15: return stage.node.advance(std::chrono::milliseconds(random().below(70000)));
    }
  }

  turn_submit next_turn() {
    const auto turn = ++last_turn;
    const auto text = "My lucky number is " + std::to_string(turn) + ".";
    script plan;
    plan.deltas.assign(random().below(5), "la ");
    const auto how = random().below(10);
    if (how == 0) plan.error = {failure_kind::upstream, "broken"};
    if (how == 1) plan.ends = false;
    stage.script->usual = plan;
    turn_submit message{turn_ref{turn, turn, 0}, text, text, text, static_cast<turn_policy>(random().below(3))};
    words[turn] = storage::extract_facts(text).at(0);
    return message;
  }

  void restart(const std::string& role, const std::string& label) {
    if (auto found = stage.find(role, label)) stage.restart(found);
  }
  void end(const std::string& role, const std::string& label) {
    if (auto found = stage.find(role, label)) caf::anon_send_exit(found, caf::exit_reason::kill);
  }

  static bool was_reset(const returning_client& who, std::size_t after) {
    auto& messages = who.me.inbox.messages();
    for (auto i = after; i < messages.size(); ++i)
      if (messages[i].content.match_elements<session_reset>()) return true;
    return false;
  }

  /// Every turn that was answered is learnt from once, and no other.
  void judge_memory(client& last) {
    if (auto memory = stage.find("memory", name)) stage.node.kill(memory);
    auto opened = stage.ask_as<keeper_opened>(last.inbox, stage.memories, keeper_open{name});
    REQUIRE(opened);
    REQUIRE(stage.ask_as<memory_listed>(last.inbox, opened->handle, memory_list{}));
    std::multiset<std::string> expected, known;
    for (auto& event : last.stored())
      if (event.kind == event_kind::reply) expected.insert(words.at(event.turn));
    auto info = storage::load_space(*stage.store.database, name, [&](memory_record&& each) {
      known.insert(each.text);
      REQUIRE(each.importance == 0.5f);
    });
    REQUIRE(info);
    REQUIRE(known == expected);
    auto left = storage::lessons_of(*stage.store.database, name);
    REQUIRE((left && left->empty()));
  }

  cast stage;
  std::string name;
  std::deque<returning_client> clients;
  std::uint64_t last_turn = 0;
  std::map<std::uint64_t, std::string> words;
};

}  // namespace

TEST_CASE("one writer per conversation, in any order of messages, kills, restarts and sleeps") {
  test_store store;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    stormy_run run(seed, store);
    run.run();
    run.judge_clients();
    run.judge_store();
  }
}
