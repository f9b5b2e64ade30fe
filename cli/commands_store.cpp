#include "cli/commands.hpp"
#include "cli/control_client.hpp"
#include "cli/json_value.hpp"
#include "cli/node.hpp"
#include "net/json.hpp"
#include "storage/backup.hpp"
#include "storage/check.hpp"
#include "storage/token_store.hpp"

#include <cstdio>

namespace troupe::cli {
namespace {

int fail(const failure& error) {
  std::fprintf(stderr, "error: %s\n", error.message.c_str());
  return 1;
}

/// What a server says when it refuses: its `detail`.
int refused(const control_answer& answer) {
  std::string_view detail;
  auto root = net::parse_json(answer.body);
  if (root && (*root)["detail"].get(detail) == simdjson::SUCCESS)
    std::fprintf(stderr, "error: %.*s\n", static_cast<int>(detail.size()), detail.data());
  else
    std::fprintf(stderr, "error: the server answered %u\n", answer.status);
  return 1;
}

/// Asks the running server; `not_found` means that none runs.
expected<control_answer> ask(const config::settings& settings, std::string target, std::string body) {
  control_request request;
  request.method = "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  request.limit = std::chrono::hours(1);
  return ask_local(settings.data_dir, request);
}

bool nobody_there(const expected<control_answer>& answer) {
  return !answer && answer.error().kind == failure_kind::not_found;
}

std::string json_object(std::string_view key, std::string_view value) {
  std::string out = "{\"" + std::string(key) + "\":";
  net::append_json_string(out, value);
  return out + "}";
}

expected<std::unique_ptr<storage::database>> open_stopped(const config::settings& settings, bool create) {
  storage::open_options options;
  options.path = store_path(settings).string();
  options.create = create;
  if (create) {
    std::error_code code;
    std::filesystem::create_directories(settings.data_dir, code);
    std::filesystem::permissions(settings.data_dir, std::filesystem::perms::owner_all, code);
  }
  return storage::database::open(std::move(options));
}

}  // namespace

int backup(const config::settings& settings, const std::string& folder) {
  std::error_code code;
  const auto path = std::filesystem::absolute(folder, code).string();
  auto answer = ask(settings, "/control/backup", json_object("folder", path));
  if (nobody_there(answer)) {
    auto store = open_stopped(settings, false);
    if (!store) return fail(store.error());
    auto made = storage::backup(**store, path);
    if (!made) return fail(made.error());
    std::printf("backup %u in %s (%llu bytes)\n", made->id, path.c_str(), static_cast<unsigned long long>(made->bytes));
    return 0;
  }
  if (!answer) return fail(answer.error());
  if (!answer->good()) return refused(*answer);
  auto root = net::parse_json(answer->body);
  const auto number = root ? json_value<std::uint64_t>(*root, "backup") : 0;
  const auto bytes = root ? json_value<std::uint64_t>(*root, "bytes") : 0;
  std::printf("backup %llu in %s (%llu bytes)\n", static_cast<unsigned long long>(number), path.c_str(),
              static_cast<unsigned long long>(bytes));
  return 0;
}

int restore(const config::settings& settings, const std::string& folder, std::optional<std::uint32_t> number,
            bool force) {
  std::error_code code;
  std::filesystem::create_directories(settings.data_dir, code);
  auto restored = storage::restore({folder, store_path(settings).string(), number, force});
  if (!restored) return fail(restored.error());
  std::printf("restored backup %u to %s\n", restored->id, store_path(settings).c_str());
  return 0;
}

int check(const config::settings& settings, bool json) {
  auto report = storage::check(store_path(settings).string());
  if (!report) return fail(report.error());
  if (json) {
    std::string out =
        "{\"sound\":" + std::string(report->sound() ? "true" : "false")
        + ",\"sessions\":" + std::to_string(report->sessions) + ",\"events\":" + std::to_string(report->events)
        + ",\"open_turns\":" + std::to_string(report->open_turns) + ",\"memories\":" + std::to_string(report->memories)
        + ",\"spaces\":" + std::to_string(report->spaces) + ",\"lessons\":" + std::to_string(report->lessons)
        + ",\"tokens\":" + std::to_string(report->tokens) + ",\"characters\":" + std::to_string(report->characters)
        + ",\"problems\":[";
    for (bool first = true; auto& problem : report->problems) {
      if (!first) out += ',';
      first = false;
      net::append_json_string(out, problem);
    }
    std::printf("%s]}\n", out.c_str());
  } else {
    std::printf(
        "%llu sessions, %llu events, %llu open turns, %llu memories in %llu spaces, %llu lessons, %llu tokens, "
        "%llu characters\n",
        static_cast<unsigned long long>(report->sessions), static_cast<unsigned long long>(report->events),
        static_cast<unsigned long long>(report->open_turns), static_cast<unsigned long long>(report->memories),
        static_cast<unsigned long long>(report->spaces), static_cast<unsigned long long>(report->lessons),
        static_cast<unsigned long long>(report->tokens), static_cast<unsigned long long>(report->characters));
    for (auto& problem : report->problems) std::printf("problem: %s\n", problem.c_str());
    std::printf(report->sound() ? "the store is sound\n" : "the store is damaged\n");
  }
  return report->sound() ? 0 : 1;
}

int token_add(const config::settings& settings, const std::string& name, token_scope scope) {
  auto wanted = json_object("name", name);
  wanted.back() = ',';
  wanted += std::string("\"scope\":\"") + to_string(scope) + "\"}";
  auto answer = ask(settings, "/control/tokens/add", wanted);
  if (nobody_there(answer)) {
    auto store = open_stopped(settings, true);
    if (!store) return fail(store.error());
    system_random random;
    std::vector<write_op> ops;
    auto token = storage::create_token(**store, ops, name, random, system_clock_port().wall_ms(), scope);
    if (!token) return fail(token.error());
    if (auto written = (*store)->write(ops, true); !written) return fail(written.error());
    std::printf("%s\n", token->c_str());
    return 0;
  }
  if (!answer) return fail(answer.error());
  if (!answer->good()) return refused(*answer);
  std::string_view token;
  auto root = net::parse_json(answer->body);
  if (!root || (*root)["token"].get(token) != simdjson::SUCCESS)
    return fail({failure_kind::internal, "the server's answer holds no token"});
  std::printf("%.*s\n", static_cast<int>(token.size()), token.data());
  return 0;
}

int token_remove(const config::settings& settings, const std::string& name) {
  auto answer = ask(settings, "/control/tokens/remove", json_object("name", name));
  if (nobody_there(answer)) {
    auto store = open_stopped(settings, false);
    if (!store) return fail(store.error());
    std::vector<write_op> ops;
    if (auto removed = storage::remove_token(**store, ops, name); !removed) return fail(removed.error());
    if (auto written = (*store)->write(ops, true); !written) return fail(written.error());
    return 0;
  }
  if (!answer) return fail(answer.error());
  return answer->good() ? 0 : refused(*answer);
}

int token_list(const config::settings& settings) {
  auto answer = ask(settings, "/control/tokens/list", "{}");
  if (nobody_there(answer)) {
    auto store = open_stopped(settings, false);
    if (!store) return fail(store.error());
    auto names = storage::list_tokens(**store);
    if (!names) return fail(names.error());
    for (auto& token : *names) std::printf("%s\t%s\n", token.name.c_str(), to_string(token.scope));
    return 0;
  }
  if (!answer) return fail(answer.error());
  if (!answer->good()) return refused(*answer);
  auto root = net::parse_json(answer->body);
  simdjson::dom::array names;
  if (!root || (*root)["tokens"].get(names) != simdjson::SUCCESS)
    return fail({failure_kind::internal, "the server's answer holds no list"});
  for (auto item : names) {
    const auto name = json_value<std::string_view>(item, "name");
    const auto scope = json_value<std::string_view>(item, "scope");
    std::printf("%.*s\t%.*s\n", static_cast<int>(name.size()), name.data(), static_cast<int>(scope.size()),
                scope.data());
  }
  return 0;
}

}  // namespace troupe::cli
