#include "cli/commands.hpp"
#include "cli/control_client.hpp"
#include "cli/json_value.hpp"
#include "cli/node.hpp"
#include "cli/upstreams.hpp"
#include "config/render.hpp"
#include "net/json.hpp"

#include <cstdio>
#include <future>

namespace troupe::cli {
namespace {

using element = simdjson::dom::element;

/// The answer of the running server, or of the store when none runs.
expected<std::string> answer_of(const config::settings& settings, const memory_call& call) {
  auto answer = ask_local(settings.data_dir, {"POST", "/control/memory", to_json(call), {}, std::chrono::seconds(60)});
  if (answer) {
    if (answer->good()) return answer->body;
    std::string_view detail;
    auto root = net::parse_json(answer->body);
    if (root && (*root)["detail"].get(detail) == simdjson::SUCCESS)
      return failure{failure_kind::invalid, std::string(detail)};
    return failure{failure_kind::unavailable, "the server answered " + std::to_string(answer->status)};
  }
  if (answer.error().kind != failure_kind::not_found) return answer.error();
  // With the server's own embedder, or this would make the space's vectors anew.
  auto outside = upstreams::make(settings);
  if (!outside) return outside.error();
  auto local = node::open(settings, call.verb != memory_verb::add, outside->model, outside->embedder);
  if (!local) return local.error();
  std::promise<expected<std::string>> promise;
  run_memory_call((*local)->services(), (*local)->memories(), call,
                  [&](expected<std::string> got) { promise.set_value(std::move(got)); });
  return promise.get_future().get();
}

void print_record(element record, bool with_score) {
  const auto text = json_value<std::string_view>(record, "text");
  std::printf("%6llu  %.2f", static_cast<unsigned long long>(json_value<std::uint64_t>(record, "id")),
              json_value<double>(record, "importance"));
  if (with_score) std::printf("  ~%.2f", json_value<double>(record, "similarity"));
  std::printf("  %.*s\n", static_cast<int>(text.size()), text.data());
}

void print_all(element root, std::string_view key, bool with_score) {
  simdjson::dom::array items;
  if (root[key].get(items) != simdjson::SUCCESS) return;
  for (auto item : items) print_record(item, with_score);
}

void print_text(const memory_call& call, const std::string& json) {
  auto root = net::parse_json(json);
  if (!root) return;
  auto number = [&](std::string_view key) {
    return static_cast<unsigned long long>(json_value<std::uint64_t>(*root, key));
  };
  switch (call.verb) {
    case memory_verb::add:
      std::printf(
          json_value<bool>(*root, "reinforced") ? "known already as %llu, reinforced\n" : "remembered as %llu\n",
          number("id"));
      break;
    case memory_verb::forget: std::printf("%llu forgotten\n", number("forgotten")); break;
    case memory_verb::recall: print_all(*root, "hits", true); break;
    case memory_verb::list: print_all(*root, "records", false); std::printf("%llu in all\n", number("total"));
  }
}

}  // namespace

int memory(const config::settings& settings, const memory_call& call, bool json) {
  auto answer = answer_of(settings, call);
  if (!answer) {
    std::fprintf(stderr, "error: %s\n", answer.error().message.c_str());
    return 1;
  }
  if (json)
    std::printf("%s\n", answer->c_str());
  else
    print_text(call, *answer);
  return 0;
}

int print_config(const config::settings& settings, bool json) {
  std::fputs(config::render(settings, json).c_str(), stdout);
  return 0;
}

int health(const config::settings& settings, const remote& where, bool json) {
  control_request request;
  request.target = "/health";
  request.token = where.token;
  auto answer = where.url.empty() ? ask_local(settings.data_dir, request) : ask_remote(where.url, request);
  if (!answer) {
    std::fprintf(stderr, "error: %s\n", answer.error().message.c_str());
    return 1;
  }
  if (json || !answer->good())
    std::printf("%s\n", answer->body.c_str());
  else
    std::printf("healthy\n");
  return answer->good() ? 0 : 1;
}

}  // namespace troupe::cli
