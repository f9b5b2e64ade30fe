#include "cli/character_wiring.hpp"

#include "cli/ask_actor.hpp"
#include "cli/node.hpp"
#include "net/dialects/character/character_routes.hpp"

#include <caf/all.hpp>

#include <future>
#include <memory>

namespace troupe::cli {

expected<void> prepare_characters(node& node) {
  node.set_character_events(character_dialect::event_encoder(node.services().clock));
  const auto& id = node.settings().character;
  if (id.empty()) return {};
  const auto refuse = [&](const std::string& why) {
    return failure{failure_kind::invalid, "CHARACTER: '" + id + "': " + why};
  };
  // Before it names a file, or somebody's private character.
  if (!is_character_id(id))
    return refuse("the id of a character is 1 to 64 letters, digits, '-', '_' or '.', and does not begin with a dot");
  auto answer = std::make_shared<std::promise<failure>>();
  auto loaded = answer->get_future();
  const auto failed = [answer](const caf::error& error) { answer->set_value(to_failure(error)); };
  // Its lease ends with the asker: it sleeps until a client comes, if that takes long.
  spawn_asker(node.services(), [=, keeper = node.characters()](caf::event_based_actor* self) {
    self->request(keeper, caf::infinite, keeper_open{id})
        .then(
            [=](const keeper_opened& opened) {
              self->request(opened.handle, caf::infinite, character_attach{})
                  .then([=](const character_attached&) { answer->set_value({}); }, failed);
            },
            failed);
  });
  const auto why = loaded.get();
  if (why.kind == failure_kind::none) return {};
  return refuse(why.message);
}

void add_character_routes(net::router& routes, node& node) {
  character_dialect::services with;
  with.node = &node.services();
  with.counters = &node.counters();
  with.characters = node.characters();
  with.library = node.library();
  with.character = node.settings().character;
  with.any_path = node.settings().troupe_like == config::likeness::character;
  character_dialect::add_routes(routes, std::move(with));
}

}  // namespace troupe::cli
