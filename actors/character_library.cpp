#include "actors/character_library.hpp"

#include "characters/definition.hpp"
#include "runtime/ports/blocking_pool.hpp"
#include "runtime/ports/clock.hpp"
#include "runtime/ports/random.hpp"
#include "storage/saves_folder.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <caf/all.hpp>

#include <optional>
#include <utility>

namespace troupe {
namespace {

namespace json = boost::json;

/// FNV-1a: tells files apart, not friends from foes.
std::uint64_t digest_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const unsigned char byte : text) hash = (hash ^ byte) * 1099511628211u;
  return hash == 0 ? 1 : hash;  // 0 is "unknown"
}

expected<json::object> read_object(std::string_view text, const std::string& what) {
  boost::system::error_code code;
  auto value = json::parse({text.data(), text.size()}, code);
  if (code) return failure{failure_kind::invalid, what + " is not JSON: " + code.message()};
  if (!value.is_object()) return failure{failure_kind::invalid, what + " is no JSON object"};
  return std::move(value.as_object());
}

expected<definition_found> found(expected<characters::definition> made, std::string_view text) {
  if (!made) return made.error();
  return definition_found{json::serialize(made->config), digest_of(text), std::move(made->warnings)};
}

expected<definition_found> read_definition(const std::filesystem::path& folder, const definition_read& wanted,
                                           std::int64_t now_us) {
  const auto id = public_character_id(wanted.id);
  if (!is_character_id(id))
    return failure{failure_kind::invalid,
                   "character_id: must be 1 to 64 letters, digits, '-', '_' and '.', the first of them no dot"};
  if (!wanted.config.empty()) {
    auto config = read_object(wanted.config, "character_config");
    if (!config) return config.error();
    return found(characters::definition::from_json(id, *config, now_us), wanted.config);
  }
  auto file = storage::definitions_folder(folder).read(wanted.id, characters::largest_definition);
  if (!file) return file.error();
  return found(characters::definition::from_yaml(id, file->text, file->name, now_us), file->text);
}

std::string id_of_save(const json::object& save) {
  for (const auto* part : {"character_state", "character_config"})
    if (const auto* object = save.if_contains(part); object && object->is_object())
      if (const auto* id = object->get_object().if_contains("character_id"); id && id->is_string())
        return std::string(id->get_string());
  return {};
}

expected<save_found> read_save(const std::filesystem::path& folder, const std::string& name) {
  auto text = storage::saves_folder(folder).read(name);
  if (!text) return text.error();
  auto save = read_object(*text, "the save file " + name);
  if (!save) return save.error();
  auto id = id_of_save(*save);
  if (id.empty())
    return failure{failure_kind::invalid, "the save file " + name + " has no character_state.character_id"};
  return save_found{std::move(id), std::move(*text)};
}

expected<save_written> write_save(const std::filesystem::path& folder, const save_write& wanted) {
  auto path = storage::saves_folder(folder).write(wanted.filename, wanted.text);
  if (!path) return path.error();
  return save_written{std::move(*path)};
}

}  // namespace

library_actor::behavior_type library_state::start(library_deps deps) {
  deps_ = std::move(deps);
  return {
      [this](definition_read& message) {
        const auto now = deps_.node->clock.wall_ms() * 1000;
        return on_pool<definition_found>([folder = deps_.definitions, message = std::move(message), now] {
          return read_definition(folder, message, now);
        });
      },
      [this](save_read& message) {
        return on_pool<save_found>(
            [folder = deps_.saves, name = std::move(message.filename)] { return read_save(folder, name); });
      },
      [this](save_write& message) {
        return on_pool<save_written>(
            [folder = deps_.saves, message = std::move(message)] { return write_save(folder, message); });
      },
      [this](const library_ready& message) {
        // After a restart in place, that of the state before may still come.
        if (auto ready = waiting_.extract(message.number)) ready.mapped()();
      },
  };
}

template <class Answer>
caf::result<Answer> library_state::on_pool(std::function<expected<Answer>()> work) {
  auto promise = self_->make_response_promise<Answer>();
  auto answer = std::make_shared<pending_answer<Answer>>(promise);
  auto slot = std::make_shared<std::optional<expected<Answer>>>();
  const auto number = deps_.node->random.number();
  const bool taken =
      deps_.node->pool.submit([slot, work = std::move(work), number, self = caf::actor_cast<caf::actor>(self_)] {
        try {
          slot->emplace(work());
        } catch (...) {  // without memory, say: the asker is told below
        }
        caf::anon_send(self, library_ready{number});
      });
  if (!taken) {
    answer->fail({failure_kind::busy, "too many files are being read and written; try again"});
    return promise;
  }
  waiting_[number] = [slot, answer] {
    if (!*slot) return answer->fail({failure_kind::internal, "the file could not be dealt with"});
    if (**slot)
      answer->deliver(std::move(***slot));
    else
      answer->fail((**slot).error());
  };
  return promise;
}

std::string library_state::to_json() const {
  return "{\"under_way\":" + std::to_string(waiting_.size()) + "}";
}

}  // namespace troupe
