#include "cli/chat/local_link.hpp"

#include "cli/chat/pending_replies.hpp"
#include "cli/node.hpp"
#include "cli/upstreams.hpp"
#include "net/dialects/character/character_connection.hpp"
#include "runtime/actor/spawn.hpp"
#include "runtime/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <caf/all.hpp>

#include <algorithm>
#include <thread>

namespace troupe::chat {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::uint64_t most_workers = 4;

/// As the server would have them, but for what a chat alone needs.
config::settings settings_for(const config::settings& given, const client_environment& environment,
                              const client_folders& folders) {
  auto out = given;
  out.saves_dir = folders.saves.string();
  out.character_schemas_dir = folders.schemas;
  out.character.clear();
  out.character_autosave = {};  // the chat saves when it is left
  out.worker_threads = std::min<decltype(out.worker_threads)>(out.worker_threads, most_workers);
  // A character says that it has no words before the chat gives it up.
  const auto limit = environment.request_limit * 5 / 6;
  if (out.character_reply_limit > limit) out.character_reply_limit = std::max(limit, std::chrono::milliseconds(1));
  if (out.model.empty() && out.google_api_key.empty() && !environment.ollama_model.empty())
    out.model = "ollama:" + environment.ollama_model;
  return out;
}

/// Nothing of the engine's log may get between the lines of a conversation.
void silence_log() {
  log::options quiet;
  quiet.lowest = log::level::error;
  quiet.output = [](std::string_view) {};
  (void)log::init(quiet);
}

}  // namespace

struct local_link::engine {
  /// What the connection actor sends is taken on the link's thread.
  class out final : public transport {
   public:
    explicit out(engine& owner) : owner_(&owner) {}
    void send(shared_bytes frame, std::uint64_t) override {
      const std::lock_guard held(guard_);
      if (owner_ != nullptr) asio::post(owner_->context, [owner = owner_, frame] { owner->take(frame.view()); });
    }
    void drop_turn(std::uint64_t) override {}
    void close(std::uint16_t, std::string) override {}
    std::size_t queued_bytes() const override { return 0; }
    void let_go() {
      const std::lock_guard held(guard_);
      owner_ = nullptr;
    }

   private:
    std::mutex guard_;
    engine* owner_;
  };

  cli::upstreams outside;
  std::unique_ptr<cli::node> node;
  std::string where;
  std::chrono::milliseconds request_limit;
  listeners told;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  pending_replies pending{context};
  std::shared_ptr<out> transport_ = std::make_shared<out>(*this);
  caf::actor connection;
  std::thread thread;
  bool closing = false;

  void take(std::string_view frame) {
    auto event = pending.take(frame);
    if (event && told.event && !closing) told.event(std::move(*event));
  }

  void start() {
    character_dialect::connection_deps deps;
    deps.client_id = random_uuid();
    deps.principal = "local";
    deps.peer = "this program";
    deps.node = &node->services();
    deps.out = transport_;
    deps.characters = node->characters();
    deps.library = node->library();
    connection = spawn<character_dialect::connection_role>(node->services(), {.label = deps.client_id}, deps);
    thread = std::thread([this] { context.run(); });
  }

  void stop() {
    if (!thread.joinable()) return;
    asio::post(context, [this] {
      closing = true;
      pending.fail_all({failure_kind::cancelled, "the chat is over"});
      work.reset();
      context.stop();
    });
    thread.join();
    transport_->let_go();
    connection = nullptr;
    node->stop();
    log::shutdown();
  }
};

expected<std::unique_ptr<local_link>> local_link::make(const config::settings& settings,
                                                       const client_environment& environment,
                                                       const client_folders& folders) {
  silence_log();
  const auto own = settings_for(settings, environment, folders);
  auto outside = cli::upstreams::make(own);
  if (!outside) return outside.error();
  auto made = std::make_unique<engine>();
  made->outside = std::move(*outside);
  auto opened = cli::node::open_in_memory(own, made->outside.model, made->outside.embedder);
  if (!opened) return opened.error();
  made->node = std::move(*opened);
  made->node->set_character_events(character_dialect::event_encoder(made->node->services().clock));
  made->request_limit = environment.request_limit;
  made->where = "in this program, model " + made->outside.choice.name();
  made->start();
  return std::unique_ptr<local_link>(new local_link(std::move(made)));
}

local_link::local_link(std::unique_ptr<engine> made) : engine_(std::move(made)) {}

local_link::~local_link() {
  close();
}

void local_link::listen(listeners with) {
  engine_->told = std::move(with);
}

void local_link::connect(std::function<void(expected<void>)> done) {
  asio::post(engine_->context, [done = std::move(done)] { done({}); });
}

void local_link::request(json::object fields, answered done) {
  asio::post(engine_->context, [engine = engine_.get(), fields = std::move(fields), done = std::move(done)]() mutable {
    if (engine->closing) return done(failure{failure_kind::cancelled, "the chat is over"});
    auto text = engine->pending.add(std::move(fields), engine->request_limit, std::move(done));
    caf::anon_send(engine->connection, frame_received{shared_bytes(std::move(text))});
  });
}

void local_link::close() {
  engine_->stop();
}

std::string local_link::where() const {
  return engine_->where;
}

}  // namespace troupe::chat
