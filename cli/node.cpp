#include "cli/node.hpp"

#include "actors/character.hpp"
#include "actors/character_library.hpp"
#include "actors/inspector.hpp"
#include "actors/journal.hpp"
#include "actors/keeper.hpp"
#include "actors/memory.hpp"
#include "actors/model.hpp"
#include "actors/model_question.hpp"
#include "actors/session.hpp"
#include "actors/trace_exporter.hpp"
#include "cli/ask_actor.hpp"
#include "cli/upstreams.hpp"
#include "cli/version.hpp"
#include "models/offline_embedder.hpp"
#include "models/offline_model.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/log.hpp"
#include "storage/character_store.hpp"
#include "storage/memory_file_system.hpp"
#include "storage/session_log.hpp"
#include "tools/builtin_tools.hpp"
#include "tools/mcp_connect.hpp"

#include <caf/all.hpp>

#include <filesystem>
#include <future>

namespace troupe::cli {

namespace {

/// The keeper stands above what it wakes in the tree of actors.
template <class Deps>
std::string parent_of(const Deps& deps) {
  return std::to_string(deps.keeper.id());
}

}  // namespace

std::filesystem::path store_path(const config::settings& settings) {
  return settings.data_dir / "store";
}

node::node(const config::settings& settings) : settings_(settings) {}

node::~node() {
  stop();
}

expected<std::unique_ptr<node>> node::open(const config::settings& settings, bool must_exist,
                                           std::shared_ptr<language_model> model,
                                           std::shared_ptr<const batch_embedder> embedder) {
  std::unique_ptr<node> made(new node(settings));
  made->model_port_ = std::move(model);
  made->remote_embedder_ = std::move(embedder);
  if (auto started = made->start(must_exist); !started) return started.error();
  return made;
}

expected<std::unique_ptr<node>> node::open_in_memory(const config::settings& settings,
                                                     std::shared_ptr<language_model> model,
                                                     std::shared_ptr<const batch_embedder> embedder) {
  std::unique_ptr<node> made(new node(settings));
  made->memory_ = storage::make_memory_file_system();
  made->model_port_ = std::move(model);
  made->remote_embedder_ = std::move(embedder);
  if (auto started = made->start(false); !started) return started.error();
  return made;
}

expected<void> node::start(bool must_exist) {
  std::error_code code;
  if (!must_exist && !memory_) {
    std::filesystem::create_directories(settings_.data_dir, code);
    if (code)
      return failure{failure_kind::unavailable,
                     "DATA_DIR: cannot make " + settings_.data_dir.string() + ": " + code.message()};
    // Conversations and memories are nobody else's to read.
    std::filesystem::permissions(settings_.data_dir, std::filesystem::perms::owner_all, code);
  }
  storage::open_options options;
  options.path = memory_ ? "/memory" : store_path(settings_).string();
  options.env = memory_.get();
  options.create = !must_exist;
  auto opened = storage::database::open(std::move(options));
  if (!opened) return opened.error();
  database_ = std::move(*opened);
  if (auto tidy = tidy_store(); !tidy) return tidy;

  system_config_ = std::make_unique<system_config>();
  system_config_->set("scheduler.max-threads", static_cast<std::size_t>(settings_.worker_threads));
  system_ = std::make_unique<caf::actor_system>(*system_config_);
  services_ =
      std::make_unique<node_services>(node_services{*system_, clock_, random_, pool_, registry_, false, &traces_});
  embedder_ = std::make_shared<models::offline_embedder>();
  if (!model_port_) model_port_ = std::make_shared<models::offline_model>(settings_.offline_pace);

  journal_deps journal;
  journal.database = database_.get();
  journal_ = spawn<journal_role>(*services_, {.label = "journal", .mailbox_bound = 100000, .detached = true}, journal);
  model_ =
      spawn<model_role>(*services_, {.label = model_port_->name(), .mailbox_bound = 100000},
                        model_deps{.model = model_port_, .random = &random_, .call_limit = settings_.model_call_limit});

  keeper_deps memories{"memory", [this](const std::string& space, caf::actor keeper) {
                         memory_deps deps;
                         deps.space = space;
                         deps.node = services_.get();
                         deps.database = database_.get();
                         deps.journal = journal_;
                         deps.keeper = std::move(keeper);
                         deps.embed = embedder_;
                         deps.remote = remote_embedder_;
                         deps.idle_after = settings_.memory_idle;
                         return caf::actor_cast<caf::actor>(spawn<memory_role>(
                             *services_, {.label = space, .parent = parent_of(deps)}, std::move(deps)));
                       }};
  memories_ = caf::actor_cast<caf::actor>(
      spawn<keeper_role>(*services_, {.label = "memory", .mailbox_bound = 100000}, std::move(memories)));

  keeper_deps sessions{"session", [this](const std::string& id, caf::actor keeper) {
                         session_deps deps;
                         deps.id = id;
                         deps.node = services_.get();
                         deps.database = database_.get();
                         deps.journal = journal_;
                         deps.keeper = std::move(keeper);
                         deps.memory_keeper = memories_;
                         deps.model = model_;
                         deps.tools = tools_;
                         deps.history_bytes = settings_.history_bytes;
                         deps.summarizes = model_port_->follows_instructions();
                         deps.max_queued = settings_.max_queued_turns;
                         deps.idle_after = settings_.session_idle;
                         return caf::actor_cast<caf::actor>(spawn<session_role>(
                             *services_, {.label = id.substr(0, 8), .parent = parent_of(deps)}, std::move(deps)));
                       }};
  sessions_ = caf::actor_cast<caf::actor>(
      spawn<keeper_role>(*services_, {.label = "session", .mailbox_bound = 100000}, std::move(sessions)));
  start_characters();
  return {};
}

/// What a crash left open, and what has had its time.
expected<void> node::tidy_store() {
  const auto now = clock_.wall_ms();
  auto recovered = storage::recover_open_turns(*database_, now);
  if (!recovered) return recovered.error();
  if (*recovered > 0) log::warn("turns_interrupted", {{"count", *recovered}});
  constexpr std::int64_t day = 24 * 3600 * 1000;
  const auto kept = static_cast<std::int64_t>(settings_.session_retention_days);
  // 0 days is for ever; ephemeral sessions go in any case.
  auto expired = storage::expire_sessions(*database_, now, kept == 0 ? now : kept * day);
  if (!expired) return expired.error();
  if (*expired > 0) log::info("sessions_expired", {{"count", *expired}});
  auto forgotten = storage::forget_private_characters(*database_, private_character_prefix);
  if (!forgotten) return forgotten.error();
  if (*forgotten > 0) log::info("private_characters_forgotten", {{"count", *forgotten}});
  return {};
}

void node::start_characters() {
  library_ =
      spawn<library_role>(*services_, {.label = "files", .mailbox_bound = 100000},
                          library_deps{services_.get(), settings_.character_schemas_dir, settings_.saves_folder()});
  keeper_deps characters{"character", [this](const std::string& id, caf::actor keeper) {
                           character_deps deps;
                           deps.id = id;
                           deps.node = services_.get();
                           deps.database = database_.get();
                           deps.journal = journal_;
                           deps.keeper = std::move(keeper);
                           deps.memory_keeper = memories_;
                           deps.model = model_;
                           deps.library = caf::actor_cast<caf::actor>(library_);
                           deps.encode_event = encode_character_event_;
                           deps.quotes_memories = !model_port_->follows_instructions();
                           deps.max_queued = settings_.max_queued_turns;
                           deps.reply_limit = settings_.character_reply_limit;
                           deps.autosave = settings_.character_autosave;
                           deps.idle_after = settings_.character_idle;
                           return caf::actor_cast<caf::actor>(spawn<character_role>(
                               *services_, {.label = id, .parent = parent_of(deps)}, std::move(deps)));
                         }};
  characters_ = caf::actor_cast<caf::actor>(
      spawn<keeper_role>(*services_, {.label = "character", .mailbox_bound = 100000}, std::move(characters)));
}

void node::start_tools(const upstreams& outside) {
  builtin_tools_deps builtin{tools::standard_tools(clock_)};
  tools_.push_back(spawn<builtin_tools_role>(*services_, {.label = "built in", .parent = "tools"}, std::move(builtin)));
  for (auto& server : settings_.mcp_servers) {
    auto deps = mcp_deps_of(server, version, outside.processes, outside.http.get(), clock_);
    tools_.push_back(spawn<mcp_server_role>(*services_, {.label = server.name, .parent = "tools"}, std::move(deps)));
  }
}

expected<void> node::start_inspector() {
  inspector_deps deps;
  deps.node = services_.get();
  deps.counters = &metrics_;
  deps.store = [this] { return database_->report(); };
  deps.version = version;
  deps.contents = settings_.inspect_contents;
  if (auto opened = deps.audit->open(settings_.data_dir / "audit.jsonl"); !opened) return opened;
  door_ = deps.door;
  inspector_ = spawn<inspector_role>(*services_, {.label = "inspector", .mailbox_bound = 100000, .detached = true},
                                     std::move(deps));
  return {};
}

ask_inspector_function node::ask_inspector() const {
  return ask_through(door_, inspector_);
}

void node::start_trace_export(const upstreams& outside) {
  if (settings_.otlp_endpoint.empty()) return;
  trace_exporter_deps deps;
  deps.traces = &traces_;
  deps.http = outside.http.get();
  deps.url = otlp_url(settings_.otlp_endpoint);
  deps.headers = {settings_.otlp_headers.begin(), settings_.otlp_headers.end()};
  deps.version = version;
  trace_exporter_ = spawn<trace_exporter_role>(*services_, {.label = "traces"}, std::move(deps));
}

ask_model_function node::ask_model() {
  if (!model_port_->follows_instructions()) return {};
  return [this](const caf::actor& asker, turn_ref ref, std::string system, std::string text) {
    spawn<model_question_role>(
        *services_, {.label = "question"},
        model_question_deps{
            .asker = asker, .model = model_, .ref = ref, .system = std::move(system), .text = std::move(text)});
  };
}

void node::drain(std::chrono::milliseconds grace) {
  const auto drained_by = [&](const caf::actor& keeper) {
    auto done = std::make_shared<std::promise<void>>();
    auto waiting = done->get_future();
    ask_actor<keeper_drained>(*services_, keeper, keeper_drain{static_cast<std::uint32_t>(grace.count())},
                              [done](const expected<keeper_drained>&) { done->set_value(); });
    return waiting;
  };
  // Side by side those that have turns, then memory, which they tell of them.
  const auto end = std::chrono::steady_clock::now() + grace + std::chrono::seconds(1);
  std::vector<std::future<void>> turns;
  for (const auto& keeper : {sessions_, characters_})
    if (keeper) turns.push_back(drained_by(keeper));
  for (auto& each : turns) each.wait_until(end);
  if (memories_) drained_by(memories_).wait_for(grace + std::chrono::seconds(1));
  // After the turns, which may be using them.
  std::vector<std::future<void>> ended;
  for (const auto& tool : tools_) {
    auto done = std::make_shared<std::promise<void>>();
    ended.push_back(done->get_future());
    ask_actor<drained>(*services_, tool, troupe::drain{1000}, [done](const expected<drained>&) { done->set_value(); });
  }
  if (trace_exporter_) {
    auto done = std::make_shared<std::promise<void>>();
    ended.push_back(done->get_future());
    ask_actor<drained>(*services_, trace_exporter_, troupe::drain{2000},
                       [done](const expected<drained>&) { done->set_value(); });
  }
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  for (auto& each : ended) each.wait_until(limit);
}

void node::stop() {
  if (!system_) return;
  for (auto& entry : registry_.snapshot())
    if (auto handle = entry.handle(); handle && handle != caf::actor_cast<caf::actor>(journal_))
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  // The journal last: what it was given before is written before it ends.
  caf::anon_send_exit(journal_, caf::exit_reason::user_shutdown);
  journal_ = nullptr;
  model_ = nullptr;
  sessions_ = nullptr;
  memories_ = nullptr;
  characters_ = nullptr;
  library_ = nullptr;
  inspector_ = nullptr;
  tools_.clear();
  trace_exporter_ = nullptr;
  pool_.stop();
  system_.reset();  // waits for every actor
  services_.reset();
  database_.reset();
}

}  // namespace troupe::cli
