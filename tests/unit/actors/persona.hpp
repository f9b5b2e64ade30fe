#pragma once

/// \file
/// A character on the stage of `cast`, with its library and its files, and the
/// visitors it talks with.

#include "actors/character.hpp"
#include "actors/character_library.hpp"
#include "cast.hpp"
#include "storage/memory_store.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace troupe::test {

namespace json = boost::json;

struct persona_options {
  std::uint64_t seed = 1;
  test_store* store = nullptr;
  bool with_memory = true;
  std::function<void(character_deps&)> character = {};
};

class persona_stage : public cast {
 public:
  explicit persona_stage(persona_options options = {})
      : cast({.seed = options.seed, .store = options.store, .with_memory = options.with_memory}),
        options_(std::move(options)) {
    put_file("ines", 0.5);
    library = spawn<library_role>(node.services(), {},
                                  library_deps{&node.services(), folder.file("characters"), folder.file("saves")});
    keeper_deps deps;
    deps.kind = "character";
    deps.wake = [this](const std::string& id, caf::actor keeper) { return wake(id, std::move(keeper)); };
    characters = caf::actor_cast<caf::actor>(spawn<keeper_role>(node.services(), {.label = "character"}, deps));
    node.run();
  }

  void put_file(const std::string& id, double volatility, const std::string& more = {}) {
    std::filesystem::create_directories(folder.file("characters"));
    std::ofstream(folder.file("characters/" + id + ".yaml"))
        << "name: Ines Calloway\narchetype: steady_guide\nmood_baseline:\n  emotional_volatility: " << volatility
        << "\n" + more;
  }
  std::string read_save(const std::string& name) const {
    std::ifstream in(folder.file("saves/" + name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> saves() const {
    std::vector<std::string> names;
    if (std::filesystem::exists(folder.file("saves")))
      for (auto& each : std::filesystem::directory_iterator(folder.file("saves")))
        names.push_back(each.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  /// What memory has in the store of a character, newest last.
  std::vector<memory_record> remembered(const std::string& id = "ines") {
    std::vector<memory_record> records;
    REQUIRE(storage::load_space(*store.database, storage::character_space(id),
                                [&](memory_record&& each) { records.push_back(std::move(each)); }));
    return records;
  }
  storage::kept_character kept(const std::string& id = "ines") {
    auto loaded = storage::load_character(*store.database, id);
    REQUIRE(loaded);
    return loaded->value_or(storage::kept_character{});
  }

  temporary_folder folder;
  library_actor library;
  caf::actor characters;
  std::size_t encoded = 0;  ///< events

 private:
  caf::actor wake(const std::string& id, caf::actor keeper) {
    if (awake("character", id) != 0) ++double_wakes;
    character_deps deps;
    deps.id = id;
    deps.node = &node.services();
    deps.database = store.database.get();
    deps.journal = journal;
    deps.keeper = std::move(keeper);
    deps.memory_keeper = memories;
    deps.model = model;
    deps.library = caf::actor_cast<caf::actor>(library);
    deps.encode_event = [this](const turn_ref& ref, character_event_kind kind, const std::string& body) {
      ++encoded;
      return shared_bytes(std::to_string(ref.turn) + " " + to_string(kind) + " " + body);
    };
    if (options_.character) options_.character(deps);
    return caf::actor_cast<caf::actor>(spawn<character_role>(node.services(), {.label = id}, std::move(deps)));
  }

  persona_options options_;
};

class visitor {
 public:
  explicit visitor(persona_stage& stage, std::string id = "ines")
      : stage(stage), inbox(stage.node.record()), id(std::move(id)) {}

  void open() {
    auto opened = stage.ask_as<keeper_opened>(inbox, stage.characters, keeper_open{id});
    REQUIRE(opened);
    character = opened->handle;
  }
  expected<character_attached> come(const std::string& config = {}) {
    open();
    return stage.ask_as<character_attached>(inbox, character, character_attach{inbox.handle(), config});
  }
  void listen(bool on = true) { stage.node.send_as(inbox, character, character_subscribe{inbox.handle(), on}); }
  void leave() {
    stage.node.send_as(inbox, character, character_detach{inbox.handle()});
    stage.node.send_as(inbox, stage.characters, keeper_release{id});
  }
  answer_slot<character_answer> say(std::uint64_t turn, const std::string& text, const std::string& context = {}) {
    return stage.request_as<character_answer>(inbox, character, character_say{turn_ref{turn, turn, 0}, text, context});
  }
  template <class Message>
  expected<character_answer> ask(Message message) {
    return stage.ask_as<character_answer>(inbox, character, std::move(message));
  }
  json::object body(const expected<character_answer>& answer) const {
    if (!answer) FAIL(answer.error().message);
    return json::parse(answer->body).as_object();
  }
  json::array history() { return body(ask(character_status{true, true, false})).at("conversation_history").as_array(); }
  void stop(std::uint64_t turn) {
    stage.node.send_as(inbox, character, turn_stop{turn_ref{turn, turn, 0}}, urgency::urgent);
  }
  std::vector<std::string> events() const {
    std::vector<std::string> found;
    for (auto& each : inbox.all<character_event>()) found.emplace_back(each.frame.view());
    return found;
  }
  std::size_t events(const std::string& kind) const {
    std::size_t count = 0;
    for (auto& each : events()) count += each.find(" " + kind + " ") != std::string::npos;
    return count;
  }

  persona_stage& stage;
  recorder inbox;
  std::string id;
  caf::actor character;
};

inline std::string reply(const answer_slot<character_answer>& slot) {
  if (!*slot) return "(no answer yet)";
  if (!**slot) return std::string("(") + to_string((*slot)->error().kind) + ") " + (*slot)->error().message;
  const auto body = json::parse((*slot)->value().body).as_object();
  return std::string(body.at("response_text").as_string());
}

inline bool fell_back(const answer_slot<character_answer>& slot) {
  if (!*slot || !**slot) return false;
  return json::parse((*slot)->value().body).as_object().at("generation_info").as_object().contains("fallback_used");
}

inline failure refusal(const answer_slot<character_answer>& slot) {
  return *slot && !**slot ? (*slot)->error() : failure{};
}

}  // namespace troupe::test
