/// The whole node as `troupe serve` wires it, but for its language model, which
/// says what the load generator ordered.

#include "cli/node.hpp"
#include "bench/load/frames.hpp"
#include "bench/load/paced_text.hpp"
#include "bench/server/serve.hpp"
#include "net/dialects/luna/luna_routes.hpp"
#include "net/server.hpp"

namespace troupe::bench {
namespace {

class paced_stream final : public model_stream {
 public:
  explicit paced_stream(std::optional<paced_order> order) {
    if (order) source_.emplace(*order, now_ns());
  }

  poll_result poll() override {
    if (!source_ || source_->done()) return {ended(), {}};
    const auto now = now_ns();
    if (const auto due = source_->due(); due > now) return {{}, std::chrono::nanoseconds(due - now)};
    model_event event;
    event.text = source_->take();
    return {std::move(event), {}};
  }

 private:
  static model_event ended() {
    model_event event;
    event.what = model_event::kind::ended;
    return event;
  }

  std::optional<paced_source> source_;
};

class paced_model final : public language_model {
 public:
  std::string name() const override { return "paced"; }
  std::unique_ptr<model_stream> open(const model_request& request, std::function<void()>) override {
    return std::make_unique<paced_stream>(request.messages.empty() ? std::nullopt
                                                                   : find_order(request.messages.back().text));
  }
};

int fail(const std::string& message) {
  std::fprintf(stderr, "bench_server: %s\n", message.c_str());
  return 1;
}

}  // namespace

int serve_node(const serve_options& options) {
  auto inputs = config::load_inputs::of_process();
  inputs.working_directory = options.data_dir;
  inputs.command_line["DATA_DIR"] = options.data_dir;
  auto loaded = config::load(inputs);
  auto* settings = std::get_if<config::settings>(&loaded);
  if (settings == nullptr) return fail(std::get<config::settings_error>(loaded).text());
  auto node = cli::node::open(*settings, false, std::make_shared<paced_model>());
  if (!node) return fail(node.error().message);

  luna::services luna;
  luna.node = &(*node)->services();
  luna.counters = &(*node)->counters();
  luna.sessions = (*node)->sessions();
  luna.max_queued_turns = settings->max_queued_turns + 1;
  luna.message_limit = settings->max_message_bytes;
  luna.version = "bench";
  luna.space_of = [](const std::string&) { return std::string("bench"); };
  {
    net::server_options with;
    with.listen = {{"127.0.0.1", 0}};
    with.threads = options.threads;
    net::server server(std::move(with));
    luna::add_routes(server.routes(), std::move(luna));
    if (auto started = server.start(); !started) return fail(started.error().message);
    announce(server.endpoints().front().port);
    wait_for_end_of_input();
    server.close_all(1001, std::chrono::seconds(1));
  }
  (*node)->stop();
  return 0;
}

}  // namespace troupe::bench
