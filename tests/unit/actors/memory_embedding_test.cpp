#include "owner.hpp"
#include "runtime/log.hpp"
#include "storage/lesson_log.hpp"
#include "support/scripted_batch_embedder.hpp"

#include <algorithm>
#include <map>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

using remote_pointer = std::shared_ptr<scripted_batch_embedder>;
using texts = std::vector<std::string>;
constexpr auto document = embedding_purpose::document;
constexpr auto query = embedding_purpose::query;

remote_pointer make_remote() {
  return std::make_shared<scripted_batch_embedder>();
}

cast_options with(const remote_pointer& remote, test_store* store = nullptr, std::uint64_t seed = 1) {
  cast_options options;
  options.seed = seed;
  options.store = store;
  options.memory = [remote](memory_deps& deps) { deps.remote = remote; };
  return options;
}

/// "cinema" is of the same letters and has no word of it in common.
const std::string iceman = "iceman";

answer_slot<memory_recalled> ask(cast& stage, owner& who, const std::string& question) {
  return stage.request_as<memory_recalled>(who.inbox, who.memory, memory_recall{{}, question, {}});
}

answer_slot<memory_added> send_add(cast& stage, owner& who, const std::string& text) {
  return stage.request_as<memory_added>(who.inbox, who.memory, memory_add{text, "", 0.5f, "test", {}});
}

void check_all_embedded(cast& stage, const scripted_batch_embedder& remote, const std::string& space = "alice") {
  for (auto& record : stored(stage, space)) {
    CAPTURE(record.text);
    REQUIRE(record.embedder == remote.name);
    REQUIRE(record.embedding == remote.vector(record.text));
  }
}

class collected_log {
 public:
  collected_log() {
    log::options wanted;
    wanted.output = [this](std::string_view line) { lines_.emplace_back(line); };
    REQUIRE(log::init(std::move(wanted)).has_value());
  }
  ~collected_log() { log::shutdown(); }
  std::size_t count(std::string_view event) {
    log::shutdown();
    return static_cast<std::size_t>(std::count_if(
        lines_.begin(), lines_.end(), [&](auto& line) { return line.find(" " + std::string(event)) != line.npos; }));
  }

 private:
  std::vector<std::string> lines_;
};

}  // namespace

TEST_CASE("with a remote embedder a memory is acknowledged first and gets its vector later") {
  auto remote = make_remote();
  remote->held = true;
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add(iceman));
  REQUIRE(stored(stage, "alice").size() == 1);
  CHECK(stored(stage, "alice")[0].embedder.empty());
  CHECK(alice.recall("an iceman") == texts{iceman});  // by its words
  CHECK(alice.recall("cinema").empty());
  CHECK(remote->asked(query) == 0);  // nothing to compare a question with
  REQUIRE(remote->calls.size() == 1);
  CHECK(remote->calls[0]->request.texts == texts{iceman});
  CHECK(remote->calls[0]->request.purpose == document);
  remote->answer_all();
  remote->held = false;
  stage.node.run();
  check_all_embedded(stage, *remote);
  CHECK(alice.recall("cinema") == texts{iceman});
  CHECK(remote->calls.back()->request.purpose == query);
  CHECK(alice.list().records[0].embedder == remote->name);
}

TEST_CASE("a vector is written after the memory itself, in a write of its own") {
  auto remote = make_remote();
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add(iceman));
  const auto batches = stage.written.with_changes();
  REQUIRE(batches.size() == 2);
  CHECK(batches[0].ops.size() == 2);  // the record and the space's next id
  REQUIRE(batches[1].ops.size() == 1);
  CHECK(batches[1].ops[0].key == batches[0].ops[0].key);
}

TEST_CASE("what gathers while a request is in flight goes in the next ones, the newest first") {
  auto remote = make_remote();
  remote->held = true;
  remote->batch_size = 3;
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  for (auto* text : {"a", "bb", "ccd", "dde", "eef", "ffg"}) REQUIRE(alice.add(text));
  REQUIRE(remote->calls.size() == 1);
  CHECK(remote->calls[0]->request.texts == texts{"a"});
  remote->answer_all();
  stage.node.run();
  REQUIRE(remote->calls.size() == 2);
  CHECK(remote->calls[1]->request.texts == texts{"ffg", "eef", "dde"});
  remote->answer_all();
  stage.node.run();
  REQUIRE(remote->calls.size() == 3);
  CHECK(remote->calls[2]->request.texts == texts{"ccd", "bb"});
  remote->answer_all();
  stage.node.run();
  CHECK(remote->calls.size() == 3);
  check_all_embedded(stage, *remote);
}

TEST_CASE("a memory that is added while vectors are written is not held up by more than one write of them") {
  test_store store;
  {
    cast stage(with(make_remote(), &store));
    owner alice(stage);
    alice.open();
    for (int i = 0; i < 40; ++i) REQUIRE(alice.add("fact " + std::to_string(i)));
  }
  auto remote = make_remote();
  remote->name = "scripted:b";
  remote->batch_size = 2;
  cast stage(with(remote, &store, 2));
  owner alice(stage);
  auto opening = stage.request_as<keeper_opened>(alice.inbox, stage.memories, keeper_open{"alice"});
  while (!*opening || remote->calls.size() < 3) REQUIRE(stage.node.step());
  alice.memory = opening->value()->handle;
  const auto before = remote->calls.size();
  auto slot = send_add(stage, alice, "urgent");
  while (!*slot) REQUIRE(stage.node.step());
  CHECK(remote->calls.size() <= before + 2);
  stage.node.run();
  CHECK(remote->asked(document) >= 20);
  check_all_embedded(stage, *remote);
}

TEST_CASE("a batch is bounded in bytes, and of a long text the head is embedded") {
  auto remote = make_remote();
  remote->held = true;
  auto options = with(remote);
  options.memory = [remote](memory_deps& deps) {
    deps.remote = remote;
    deps.record.text_bytes = 5;
    deps.record.batch_bytes = 8;
  };
  cast stage(options);
  owner alice(stage);
  alice.open();
  for (auto* text : {"a", "bbbbbbbbbb", "cccccccccc", "gr\xC3\xBC\xC3\x9F"}) REQUIRE(alice.add(text));
  remote->answer_all();
  stage.node.run();
  REQUIRE(remote->calls.size() == 2);
  CHECK(remote->calls[1]->request.texts == texts{"gr\xC3\xBC", "ccccc"});
}

TEST_CASE("while the embedder is down recall goes by words, says so once, and comes back") {
  collected_log lines;
  auto remote = make_remote();
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add(iceman));
  REQUIRE(alice.add("blue boat"));
  remote->error = {failure_kind::unavailable, "scripted: connection refused"};
  CHECK(alice.recall("cinema").empty());
  CHECK(alice.recall("boat") == texts{"blue boat"});
  CHECK(remote->asked(query) == 1);  // the second was not even tried
  for (int times = 0; times < 4; ++times) {
    stage.node.advance(20s);
    CHECK(alice.recall("cinema").empty());
  }
  CHECK(remote->asked(query) > 2);
  const auto asked = remote->asked(query);
  remote->error = {};
  stage.node.advance(600s);
  CHECK(remote->asked(query) == asked);
  alice.open();
  CHECK(alice.recall("cinema").front() == iceman);
  CHECK(lines.count("recall_by_words_alone") == 1);
  CHECK(lines.count("recall_by_meaning_again") == 1);
}

TEST_CASE("a question has its limit, then words alone answer and the request is aborted") {
  auto remote = make_remote();
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add(iceman));
  remote->held = true;
  auto slot = ask(stage, alice, "the iceman");
  stage.node.advance(1499ms);
  CHECK_FALSE(slot->has_value());
  CHECK(remote->in_flight().size() == 1);
  stage.node.advance(1ms);
  REQUIRE((*slot && **slot));
  REQUIRE((**slot)->hits.size() == 1);
  CHECK((**slot)->hits[0].similarity == 0);
  CHECK(remote->in_flight().empty());
}

TEST_CASE("the same question is asked once, at the same time and later; the last used are kept") {
  auto remote = make_remote();
  auto options = with(remote);
  options.memory = [remote](memory_deps& deps) {
    deps.remote = remote;
    deps.question.cached = 2;
    deps.question.in_flight = 2;
  };
  cast stage(options);
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add(iceman));
  remote->held = true;
  auto first = ask(stage, alice, "cinema"), second = ask(stage, alice, "cinema");
  auto other = ask(stage, alice, "other"), over = ask(stage, alice, "over the bound");
  stage.node.run();
  CHECK(remote->asked(query) == 2);
  CHECK((*over && **over));  // by words alone, at once
  remote->answer_all();
  stage.node.run();
  for (auto& slot : {first, second}) {
    REQUIRE((*slot && **slot));
    CHECK((**slot)->hits.size() == 1);
  }
  remote->held = false;
  CHECK(alice.recall("cinema") == texts{iceman});
  CHECK(remote->asked(query) == 2);
  alice.recall("third");
  CHECK(alice.recall("cinema") == texts{iceman});
  CHECK(remote->asked(query) == 3);
  alice.recall("other");
  CHECK(remote->asked(query) == 4);
}

TEST_CASE("a changed embedder embeds anew in batches while recall goes on, also into another dimension") {
  test_store store;
  {
    cast stage(with(make_remote(), &store));
    owner alice(stage);
    alice.open();
    for (auto* text : {"iceman", "bb", "ccd", "dde", "eef"}) REQUIRE(alice.add(text));
  }
  auto remote = make_remote();
  remote->name = "scripted:b";
  remote->size = 16;
  remote->batch_size = 2;
  remote->held = true;
  cast stage(with(remote, &store, 2));
  owner alice(stage);
  alice.open();
  CHECK(alice.recall("an iceman") == texts{iceman});
  CHECK(remote->asked(query) == 0);  // the old vectors are not compared with
  for (std::size_t batch = 1; batch <= 3; ++batch) {
    REQUIRE(remote->calls.size() == batch);
    CHECK(stored(stage, "alice")[0].embedder == "scripted:a");
    remote->answer_all();
    stage.node.run();
  }
  remote->held = false;
  CHECK(alice.recall("cinema").front() == iceman);
  check_all_embedded(stage, *remote);
  CHECK(remote->asked(document) == 3);
  for (auto& record : stored(stage, "alice")) CHECK(record.importance == 0.5f);
}

TEST_CASE("a model that was replaced under its name, with another dimension, embeds all anew") {
  for (const bool by_question : {false, true}) {
    CAPTURE(by_question);
    test_store store;
    {
      cast stage(with(make_remote(), &store));
      owner alice(stage);
      alice.open();
      for (auto* text : {"iceman", "bb", "ccd"}) REQUIRE(alice.add(text));
    }
    auto remote = make_remote();
    remote->size = 16;
    cast stage(with(remote, &store, 2));
    owner alice(stage);
    alice.open();
    CHECK(remote->calls.empty());
    if (by_question)
      alice.recall("something");
    else
      REQUIRE(alice.add("eef"));
    stage.node.advance(1ms);
    check_all_embedded(stage, *remote);
    CHECK(alice.recall("cinema").front() == iceman);
  }
}

TEST_CASE("a dimension that is known beforehand is not waited for") {
  test_store store;
  {
    cast stage(with(make_remote(), &store));
    owner alice(stage);
    alice.open();
    REQUIRE(alice.add(iceman));
  }
  auto remote = make_remote();
  remote->size = 16;
  remote->tells_dimension = true;
  cast stage(with(remote, &store, 2));
  owner alice(stage);
  alice.open();
  check_all_embedded(stage, *remote);
}

TEST_CASE("going back to the offline embedder embeds anew in bounded writes") {
  test_store store;
  {
    cast stage(with(make_remote(), &store));
    owner alice(stage);
    alice.open();
    for (int i = 0; i < 300; ++i) REQUIRE(alice.add("fact " + std::to_string(i)));
  }
  cast stage({.seed = 2, .store = &store});
  owner alice(stage);
  alice.open();
  for (auto& record : stored(stage, "alice")) REQUIRE(record.embedder == "letters");
  for (auto& batch : stage.written.batches) CHECK(batch.ops.size() <= 256);
}

TEST_CASE("restarts, kills and sleep at any point lose no vector and double nothing") {
  collected_log quiet;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    static test_store store;
    const auto space = "middle" + std::to_string(seed);
    std::map<std::string, int> added;
    {
      cast stage(with(make_remote(), &store, seed));
      owner one(stage, space);
      one.open();
      for (int i = 0; i < 7; ++i) {
        const auto text = "old fact " + std::string(static_cast<std::size_t>(i + 1), 'x');
        REQUIRE(one.add(text));
        added[text] = 1;
      }
    }
    auto remote = make_remote();
    remote->name = "scripted:b";
    remote->size = seed % 2 ? 32 : 16;
    remote->batch_size = 2;
    cast stage(with(remote, &store, seed));
    auto& random = stage.node.random();
    owner one(stage, space);
    std::vector<std::pair<std::string, answer_slot<memory_added>>> slots;
    for (int action = 0; action < 10; ++action) {
      for (auto steps = random.below(25); steps > 0; --steps) stage.node.step_random();
      auto memory = stage.find("memory", space);
      if (!memory) {
        stage.request_as<keeper_opened>(one.inbox, stage.memories, keeper_open{space});
        continue;
      }
      one.memory = memory;
      switch (random.below(5)) {
        case 0: stage.restart(memory); break;
        case 1: caf::anon_send_exit(memory, caf::exit_reason::kill); break;
        case 2: remote->error = {failure_kind::overload, "scripted answered 503"}; break;
        case 3: remote->error = {}; break;
        case 4: {
          const auto text = "new fact " + std::string(static_cast<std::size_t>(action + 1), 'y');
          slots.emplace_back(text, send_add(stage, one, text));
        }
      }
    }
    remote->error = {};
    stage.node.run_random();
    stage.node.advance(5s);
    one.open();
    stage.node.advance(5s);
    for (auto& [text, slot] : slots)
      if (*slot && **slot) added[text] = 1;
    std::map<std::string, int> found;
    for (auto& record : stored(stage, space)) ++found[record.text];
    for (auto& [text, times] : found) REQUIRE(times == 1);
    for (auto& [text, times] : added) REQUIRE(found[text] == 1);
    check_all_embedded(stage, *remote, space);
    REQUIRE(stage.double_wakes == 0);
  }
}

TEST_CASE("what is forgotten or said again while its vector is on its way stays so") {
  auto remote = make_remote();
  remote->held = true;
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  for (auto* text : {"iceman", "bb", "ccd"}) REQUIRE(alice.add(text));
  remote->answer_all();
  stage.node.run();
  REQUIRE(remote->calls.size() == 2);
  const auto again = alice.add("BB!");
  REQUIRE(again);
  CHECK(again->reinforced);
  CHECK(again->id == 2);
  CHECK(alice.forget(3) == 1);
  remote->answer_all();
  stage.node.run();
  auto records = stored(stage, "alice");
  REQUIRE(records.size() == 2);
  CHECK(records[1].importance > 0.5f);
  check_all_embedded(stage, *remote);
  CHECK(alice.add("iceman.")->reinforced);  // one that has its vector keeps it
  check_all_embedded(stage, *remote);
  CHECK(alice.add("new"));
  CHECK(alice.forget(0, true) == 3);
  remote->answer_all();
  stage.node.run();
  CHECK(stored(stage, "alice").empty());
  CHECK(alice.add("iceman")->id == 5);
}

TEST_CASE("what is forgotten while its vector is being written does not come back") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    static test_store store;
    const auto space = "gone" + std::to_string(seed);
    auto remote = make_remote();
    cast stage(with(remote, &store, seed));
    owner one(stage, space);
    one.open();
    send_add(stage, one, "one");
    send_add(stage, one, "two");
    for (auto steps = stage.node.random().below(40); steps > 0; --steps) stage.node.step_random();
    auto slot = stage.request_as<memory_forgotten>(one.inbox, one.memory, memory_forget{1, false});
    stage.node.run_random();
    REQUIRE((*slot && **slot));
    const auto records = stored(stage, space);
    REQUIRE(records.size() == 2 - (**slot)->count);
    check_all_embedded(stage, *remote, space);
  }
}

TEST_CASE("failures are backed off from, said once, and what the provider asks for is kept to") {
  collected_log lines;
  auto remote = make_remote();
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add("first"));
  remote->error = {failure_kind::quota, "scripted answered 429"};
  remote->retry_after = 40s;
  REQUIRE(alice.add(iceman));
  const auto asked = remote->calls.size();
  alice.recall("cinema");  // questions wait for it too
  stage.node.advance(39s);
  alice.recall("cinema");
  CHECK(remote->calls.size() == asked);
  stage.node.advance(2s);
  CHECK(remote->calls.size() == asked + 1);
  remote->retry_after.reset();
  stage.node.advance(3600s);
  // 300 s at the most, half of it at the least.
  CHECK(remote->calls.size() > asked + 10);
  CHECK(remote->calls.size() < asked + 40);
  remote->error = {};
  stage.node.advance(300s);
  check_all_embedded(stage, *remote);
  CHECK(lines.count("embedding_put_off") == 1);
  CHECK(lines.count("embedding_goes_on") == 1);
}

TEST_CASE("a request that is never answered is given up, and a smaller one tried") {
  auto remote = make_remote();
  remote->held = true;
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  for (auto* text : {"a", "b", "c", "d", "e"}) REQUIRE(alice.add(text));
  remote->answer_all();
  stage.node.run();
  REQUIRE(remote->calls.back()->request.texts.size() == 4);
  stage.node.advance(60s);
  CHECK(remote->in_flight().empty());
  stage.node.advance(1s);
  CHECK(remote->calls.back()->request.texts.size() == 2);
  CHECK(remote->in_flight().size() == 1);
}

TEST_CASE("a text the provider refuses is found by its words and holds up no other") {
  auto remote = make_remote();
  remote->held = true;
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  for (auto* text : {"a", "b", "c", "poison", "e", "f", "g"}) REQUIRE(alice.add(text));
  remote->refused = "poison";
  remote->held = false;
  remote->answer_all();
  stage.node.advance(10s);
  for (auto& record : stored(stage, "alice")) CHECK(record.embedder == (record.text == "poison" ? "" : remote->name));
  CHECK(alice.recall("poison").front() == "poison");
  const auto asked = remote->asked(document);
  stage.node.advance(3600s);
  CHECK(remote->asked(document) == asked);
}

TEST_CASE("an embedder that is down keeps no space awake, and the rest follows at the next wake-up") {
  auto remote = make_remote();
  remote->error = {failure_kind::unavailable, "scripted: connection refused"};
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add(iceman));
  alice.release();
  stage.node.advance(200s);
  CHECK(stage.awake("memory", "alice") == 0);
  const auto asked = remote->calls.size();
  stage.node.advance(3600s);
  CHECK(remote->calls.size() == asked);
  remote->error = {};
  alice.open();
  check_all_embedded(stage, *remote);
  CHECK(alice.recall("cinema") == texts{iceman});
}

TEST_CASE("a space stays awake while its vectors are coming") {
  test_store store;
  {
    cast stage(with(make_remote(), &store));
    owner alice(stage);
    alice.open();
    for (auto* text : {"iceman", "bb", "ccd", "dde", "eef"}) REQUIRE(alice.add(text));
  }
  auto remote = make_remote();
  remote->name = "scripted:b";
  remote->batch_size = 1;
  remote->held = true;
  cast stage(with(remote, &store, 2));
  owner alice(stage);
  alice.open();
  alice.release();
  for (int batch = 0; batch < 5; ++batch) {
    stage.node.advance(50s);
    CHECK(stage.awake("memory", "alice") == 1);
    remote->answer_all();
    stage.node.run();
  }
  stage.node.advance(200s);
  CHECK(stage.awake("memory", "alice") == 0);
  check_all_embedded(stage, *remote);
}

TEST_CASE("a space that ends or restarts aborts its requests and answers who waits") {
  for (const bool restart : {false, true}) {
    CAPTURE(restart);
    auto remote = make_remote();
    cast stage(with(remote));
    owner alice(stage);
    alice.open();
    REQUIRE(alice.add(iceman));
    remote->held = true;
    REQUIRE(alice.add("bb"));
    auto slot = ask(stage, alice, "cinema");
    stage.node.run();
    REQUIRE(remote->in_flight().size() == 2);
    const auto before = remote->in_flight();
    if (restart)
      stage.restart(alice.memory);
    else
      caf::anon_send_exit(alice.memory, caf::exit_reason::kill);
    stage.node.run();
    for (auto& each : before) CHECK_FALSE(each->open);
    REQUIRE(slot->has_value());
    CHECK_FALSE(**slot);
    CHECK(remote->in_flight().size() == (restart ? 1 : 0));  // it goes on with what the store holds
  }
}

TEST_CASE("vectors that could not be stored are made again when the store takes writes") {
  auto remote = make_remote();
  remote->held = true;
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  REQUIRE(alice.add(iceman));
  stage.store.disk->fail_now(disk_fault::io_error);
  remote->answer_all();
  stage.node.run();
  CHECK(stored(stage, "alice")[0].embedder.empty());
  CHECK(alice.recall("an iceman") == texts{iceman});
  remote->held = false;
  const auto asked = remote->calls.size();
  stage.node.advance(60s);
  CHECK(remote->calls.size() == asked);  // no vector is asked for that cannot be kept
  stage.store.disk->clear();
  stage.node.advance(300s);
  alice.open();
  stage.node.advance(1s);
  check_all_embedded(stage, *remote);
}

TEST_CASE("a white text and an answer that cannot be compared are not asked for again") {
  auto remote = make_remote();
  test_store store;
  {
    cast stage(with(remote, &store));
    owner alice(stage);
    alice.open();
    remote->size = 0;  // empty vectors
    REQUIRE(alice.add(" "));
    CHECK(stored(stage, "alice")[0].embedder == remote->name);
  }
  const auto asked = remote->calls.size();
  cast stage(with(remote, &store, 2));
  owner alice(stage);
  alice.open();
  CHECK(alice.list().total == 1);
  CHECK(remote->calls.size() == asked);
}

TEST_CASE("lessons get their vectors too, and one said twice is one memory") {
  auto remote = make_remote();
  cast stage(with(remote));
  owner alice(stage);
  alice.open();
  for (int number = 1; number <= 2; ++number) {
    const auto key = storage::lesson_key("alice", "s", static_cast<std::uint64_t>(number));
    std::vector<write_op> ops;
    storage::put_lesson(ops, key, "My dog is called Rex.");
    REQUIRE(stage.node.ask<journal_committed>(stage.journal, journal_append{journal_lane::turns, ops}));
    stage.node.send(alice.memory, memory_learn{{}, key, "My dog is called Rex."});
    stage.node.run();
  }
  auto records = stored(stage, "alice");
  REQUIRE(records.size() == 1);
  CHECK(records[0].importance > 0.5f);
  check_all_embedded(stage, *remote);
}
