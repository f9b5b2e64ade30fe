#include "cli/access_tokens.hpp"
#include "cli/character_wiring.hpp"
#include "cli/commands.hpp"
#include "cli/console_wiring.hpp"
#include "cli/control_client.hpp"
#include "cli/control_routes.hpp"
#include "cli/node.hpp"
#include "cli/upstreams.hpp"
#include "cli/version.hpp"
#include "net/dialects/luna/luna_routes.hpp"
#include "net/server.hpp"
#include "runtime/log.hpp"
#include "storage/token_store.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

bool has_ipv6_loopback() {
  const int probe = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  sockaddr_in6 any_port{};
  any_port.sin6_family = AF_INET6;
  any_port.sin6_addr = in6addr_loopback;
  const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&any_port), sizeof any_port) == 0;
  ::close(probe);
  return bound;
}

/// `localhost` is every loopback address there is. A port that the system is to
/// choose would be another one on each, so then it is the first.
std::vector<net::listen_address> addresses_of(const config::settings& settings) {
  std::vector<net::listen_address> all;
  const bool both = settings.host == "localhost" && has_ipv6_loopback();
  for (auto port : settings.ports_to_open()) {
    all.push_back({settings.host == "localhost" ? "127.0.0.1" : settings.host, port});
    if (both && port != 0) all.push_back({"::1", port});
  }
  return all;
}

net::server_options options_of(const config::settings& settings, const access_tokens& tokens) {
  net::server_options options;
  options.listen = addresses_of(settings);
  options.local_socket = control_socket(settings.data_dir).string();
  options.threads = static_cast<unsigned>(settings.io_threads);
  options.connection_cap = settings.max_connections;
  options.http.header_deadline = settings.header_deadline;
  options.websocket.message_deadline = settings.message_deadline;
  options.websocket.ping_interval = settings.ping_interval;
  options.websocket.write_queue = settings.max_queued_bytes;
  options.websocket.write_stall = settings.stalled_reader;
  options.websocket.half_read_budget = settings.max_partial_bytes;
  options.admission.auth_off = settings.auth == config::auth_mode::off;
  options.admission.auth_always = settings.auth == config::auth_mode::on;
  options.admission.listed_hosts = settings.allowed_hosts;
  options.admission.listed_origins = settings.allowed_origins;
  options.admission.verify = [&tokens](std::string_view token) { return tokens.verify_client(token); };
  options.admission.verify_operator = [&tokens](std::string_view token) { return tokens.verify_operator(token); };
  options.warn = [](std::string_view what) { log::warn("network", {{"what", what}}); };
  return options;
}

/// The first token, if clients will need one and there is none.
expected<std::optional<std::string>> first_token(node& node, access_tokens& tokens) {
  const auto& settings = node.settings();
  const bool asked = settings.auth == config::auth_mode::on
                     || (settings.auth == config::auth_mode::automatic && !is_loopback(settings.host));
  if (auto loaded = tokens.load(node.database(), settings); !loaded) return loaded.error();
  if (!asked || tokens.has_client()) return std::optional<std::string>();
  std::string name = "first";  // an operator's token may have taken that
  for (int number = 2; tokens.has_name(name); ++number) name = "first-" + std::to_string(number);
  std::vector<write_op> ops;
  auto token =
      storage::create_token(node.database(), ops, name, node.services().random, node.services().clock.wall_ms());
  if (!token) return token.error();
  // Nobody else writes yet: the server is not open.
  if (auto written = node.database().write(ops, true); !written) return written.error();
  if (auto loaded = tokens.load(node.database(), settings); !loaded) return loaded.error();
  return std::optional(*token);
}

/// Each once, also if it is open at several addresses.
std::vector<std::uint16_t> ports_of(const std::vector<net::endpoint>& endpoints) {
  std::vector<std::uint16_t> ports;
  for (auto& each : endpoints)
    if (each.path.empty() && std::find(ports.begin(), ports.end(), each.port) == ports.end())
      ports.push_back(each.port);
  return ports;
}

expected<void> write_server_file(const config::settings& settings, const std::vector<net::endpoint>& endpoints) {
  std::string ports;
  for (auto port : ports_of(endpoints)) ports += (ports.empty() ? "" : ",") + std::to_string(port);
  const auto path = settings.data_dir / "server.json";
  const auto draft = settings.data_dir / "server.json.new";
  {
    std::ofstream out(draft, std::ios::trunc);
    out << "{\"pid\":" << ::getpid() << ",\"version\":\"" << version << "\",\"host\":\"" << settings.host
        << "\",\"ports\":[" << ports << "],\"control\":\"troupe.sock\"}\n";
    if (!out.flush()) return failure{failure_kind::unavailable, "cannot write " + draft.string()};
  }
  std::error_code code;
  std::filesystem::rename(draft, path, code);
  if (code) return failure{failure_kind::unavailable, path.string() + ": " + code.message()};
  return {};
}

void greet(const config::settings& settings, const models::model_choice& model,
           const std::vector<net::endpoint>& endpoints, const std::optional<std::string>& token) {
  std::printf("Troupe %s\n", version);
  for (auto port : ports_of(endpoints)) {
    const auto host = settings.host.find(':') == settings.host.npos ? settings.host : "[" + settings.host + "]";
    const auto at = host + ":" + std::to_string(port);
    if (settings.troupe_like == config::likeness::character)
      std::printf("  listening on http://%s, characters at ws://%s\n", at.c_str(), at.c_str());
    else
      std::printf("  listening on http://%s, Luna clients at ws://%s/ws, characters at ws://%s/character\n", at.c_str(),
                  at.c_str(), at.c_str());
  }
  std::printf("  data in %s\n", settings.data_dir.c_str());
  if (model.kind == models::provider_kind::offline)
    std::printf("  model: offline, a small built-in agent; no language model is connected (%s)\n",
                model.reason.c_str());
  else
    std::printf("  model: %s (%s)\n", model.name().c_str(), model.reason.c_str());
  if (token && !endpoints.empty())
    std::printf("  access token, shown this once: %s\n  clients connect to ws://%s:%u/ws?token=%s\n", token->c_str(),
                settings.host.c_str(), endpoints.front().port, token->c_str());
  if (settings.troupe_like == config::likeness::character && !endpoints.empty())
    std::printf("  ready, %s\n", settings.character.empty() ? "no character is loaded, clients may initialise one"
                                                            : (settings.character + " is loaded").c_str());
  if (settings.auth == config::auth_mode::off) std::printf("  AUTH=off: anybody who reaches this port may come in\n");
  std::fflush(stdout);
}

/// Blocks the signals that end the server, for this thread and those after it.
sigset_t block_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

void wait_for_signal(const sigset_t& set) {
  int received = 0;
  sigwait(&set, &received);
  log::info("stopping", {{"signal", received}});
  // A second one is for whoever does not want to wait.
  std::thread([set] {
    int again = 0;
    sigwait(&set, &again);
    std::fprintf(stderr, "stopped at once\n");
    std::_Exit(1);
  }).detach();
}

int fail(const failure& error) {
  log::shutdown();
  std::fprintf(stderr, "error: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int serve(const config::settings& settings) {
  const auto signals = block_signals();
  std::error_code code;
  if (settings.logs_to_file()) std::filesystem::create_directories(settings.log_file().parent_path(), code);
  if (auto started = log::init(log::options_of(settings)); !started) return fail(started.error());
  auto outside = upstreams::make(settings);
  if (!outside) return fail(outside.error());
  auto opened = node::open(settings, false, outside->model, outside->embedder);
  if (!opened) return fail(opened.error());
  auto& node = **opened;
  node.start_tools(*outside);
  node.start_trace_export(*outside);
  if (auto inspected = node.start_inspector(); !inspected) return fail(inspected.error());
  if (auto loaded = prepare_characters(node); !loaded) return fail(loaded.error());
  access_tokens tokens;
  auto token = first_token(node, tokens);
  if (!token) return fail(token.error());

  auto server = std::make_unique<net::server>(options_of(settings, tokens));
  luna::services luna;
  luna.node = &node.services();
  luna.counters = &node.counters();
  luna.sessions = node.sessions();
  luna.ask_model = node.ask_model();
  luna.max_queued_turns = settings.max_queued_turns + 1;  // one is in flight
  luna.message_limit = settings.max_message_bytes;
  luna.exact = settings.troupe_like == config::likeness::luna;
  luna.serves_socket = settings.troupe_like != config::likeness::character;
  luna.version = version;
  luna.space_of = [space = settings.memory_namespace](const std::string& principal) {
    if (principal == "local" || principal == "operator") return space;
    return principal == "anonymous" ? std::string() : principal;
  };
  luna::add_routes(server->routes(), std::move(luna));
  add_character_routes(server->routes(), node);
  add_control_routes(server->routes(), node, tokens);
  add_console_routes(server->routes(), node, tokens);
  if (auto started = server->start(); !started) return fail(started.error());
  const auto endpoints = server->endpoints();
  if (auto written = write_server_file(settings, endpoints); !written) return fail(written.error());
  log::info("started", {{"version", version}, {"pid", ::getpid()}});
  greet(settings, outside->choice, endpoints, *token);

  wait_for_signal(signals);
  server->stop_accepting();
  node.drain(settings.shutdown_grace);
  server->close_all(1001, std::chrono::seconds(2));
  // Before the actors: CAF's logger is held by every thread that has spawned
  // one, and the end of the actor system waits for those threads.
  server.reset();
  std::filesystem::remove(settings.data_dir / "server.json", code);
  node.stop();
  log::info("stopped");
  log::shutdown();
  return 0;
}

}  // namespace troupe::cli
