#include "storage/check.hpp"

#include "storage/character_store.hpp"
#include "storage/database_handle.hpp"
#include "storage/key_codec.hpp"
#include "storage/lesson_log.hpp"
#include "storage/memory_store.hpp"
#include "storage/session_log.hpp"
#include "storage/token_store.hpp"

namespace troupe::storage {

namespace {

class checker {
 public:
  explicit checker(const database& store) : store_(store) {}

  check_report run() {
    check_files();
    check_sessions();
    check_events();
    check_open_turns();
    check_memories();
    check_lessons();
    check_tokens();
    check_characters();
    return std::move(report_);
  }

  void problem(std::string text) {
    if (report_.problems.size() < most_problems)
      report_.problems.push_back(std::move(text));
    else if (report_.problems.size() == most_problems)
      report_.problems.push_back("there are more problems than these");
  }

 private:
  void check_files();
  void check_sessions();
  void check_events();
  void check_open_turns();
  void check_memories();
  void check_lessons();
  void check_tokens();
  void check_characters();

  void scan(column where, const database::visitor& visit) {
    const auto scanned = store_.for_each(where, "", visit);
    if (!scanned) problem(std::string("column ") + to_string(where) + ": " + scanned.error().message);
  }
  void note(const failure& error) { problem(error.message); }

  const database& store_;
  check_report report_;
};

void checker::check_files() {
  auto native = store_.native();
  if (!native) return note(native.error());
  const auto files = (*native)->VerifyFileChecksums(rocksdb::ReadOptions());
  if (!files.ok()) problem("a file's checksum is wrong: " + files.ToString());
  const auto blocks = (*native)->VerifyChecksum();
  if (!blocks.ok()) problem("a block's checksum is wrong: " + blocks.ToString());
}

void checker::check_sessions() {
  scan(column::sessions, [this](auto key, auto value) {
    ++report_.sessions;
    key_reader parts(key);
    const auto id = parts.text();
    if (auto end = parts.finish("sessions"); !end) return note(end.error()), true;
    const auto snapshot = decode_snapshot(value);
    if (!snapshot)
      problem("session " + abbreviated(id) + " has a damaged snapshot");
    else if (snapshot->spec.id != id)
      problem("session " + abbreviated(id) + " has the snapshot of another");
    else if (auto loaded = load_session(store_, id); !loaded)
      note(loaded.error());
    return true;
  });
}

void checker::check_events() {
  std::string session;
  std::uint64_t last = 0;
  scan(column::events, [&](auto key, auto value) {
    ++report_.events;
    key_reader parts(key);
    auto id = parts.text();
    const auto number = parts.number();
    if (auto end = parts.finish("events"); !end) return note(end.error()), true;
    if (id != session) {
      session = std::move(id);
      last = 0;
      const auto owner = store_.get(column::sessions, make_key(session));
      if (owner && !*owner) problem("session " + abbreviated(session) + " has events but no snapshot");
    }
    const auto name = "session " + abbreviated(session) + ", event " + std::to_string(number);
    if (number != last + 1) problem(name + ": the event before it is " + std::to_string(last));
    last = number;
    if (!decode_event(number, value)) problem(name + ": damaged");
    return true;
  });
}

void checker::check_open_turns() {
  scan(column::open_turns, [this](auto key, auto value) {
    ++report_.open_turns;
    key_reader parts(key);
    const auto id = parts.text();
    const auto turn = parts.number();
    if (auto end = parts.finish("open_turns"); !end) return note(end.error()), true;
    const auto name = "session " + abbreviated(id) + " has an open turn ";
    const auto number = decode_open_turn(value);
    if (!number) return problem(name + "that is damaged"), true;
    const auto stored = store_.get(column::events, event_key(id, *number));
    if (!stored) return note(stored.error()), true;
    if (!*stored) return problem(name + "without its event " + std::to_string(*number)), true;
    const auto event = decode_event(*number, **stored);
    if (!event || event->kind != event_kind::user || event->turn != turn)
      problem(name + "whose event " + std::to_string(*number) + " is not its beginning");
    return true;
  });
}

void checker::check_memories() {
  scan(column::spaces, [this](auto key, auto value) {
    ++report_.spaces;
    key_reader parts(key);
    auto name = parts.text();
    if (auto end = parts.finish("spaces"); !end) return note(end.error()), true;
    if (auto space = decode_space(std::move(name), value); !space) note(space.error());
    return true;
  });
  scan(column::memories, [this](auto key, auto value) {
    ++report_.memories;
    key_reader parts(key);
    const auto space = parts.text();
    const auto id = parts.number();
    if (auto end = parts.finish("memories"); !end) return note(end.error()), true;
    const auto name = "memory " + std::to_string(id) + " of space " + space;
    if (!decode_record(id, value)) problem(name + ": damaged");
    const auto mark = store_.get(column::spaces, make_key(space));
    if (!mark || !*mark) return problem(name + ": the space has no mark of used ids"), true;
    const auto info = decode_space(space, **mark);
    if (info && info->next_id <= id) problem(name + ": the space would give its id out again");
    return true;
  });
}

void checker::check_lessons() {
  scan(column::lessons, [this](auto key, auto value) {
    ++report_.lessons;
    if (auto lesson = decode_lesson(key, value); !lesson) note(lesson.error());
    return true;
  });
}

void checker::check_tokens() {
  scan(column::tokens, [this](auto key, auto value) {
    ++report_.tokens;
    key_reader parts(key);
    parts.text();
    if (auto end = parts.finish("tokens"); !end) note(end.error());
    if (auto token = decode_token(value); !token) note(token.error());
    return true;
  });
}

void checker::check_characters() {
  scan(column::characters, [this](auto key, auto value) {
    ++report_.characters;
    key_reader parts(key);
    const auto id = parts.text();
    if (auto end = parts.finish("characters"); !end) return note(end.error()), true;
    if (auto kept = decode_character(value); !kept) problem("character " + id + ": " + kept.error().message);
    return true;
  });
}

}  // namespace

expected<check_report> check(const std::string& path, rocksdb::Env* env) {
  auto store = database::open({.path = path, .env = env, .create = false, .read_only_check = true});
  if (store) return checker(**store).run();
  if (store.error().kind != failure_kind::corrupt) return store.error();
  check_report report;
  report.problems.push_back(store.error().message);
  return report;
}

}  // namespace troupe::storage
