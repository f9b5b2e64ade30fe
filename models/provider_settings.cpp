#include "models/provider_settings.hpp"

#include "models/offline_model.hpp"
#include "models/remote_embedder.hpp"
#include "models/remote_model.hpp"

#include <array>

namespace troupe::models {
namespace {

struct known_provider {
  provider_kind kind;
  std::string_view name;
  std::string_view usual_model;
  std::string_view usual_embedder;
  std::size_t dimensions;  ///< asked of the embedder; 0: its own
};

constexpr std::array<known_provider, 4> known = {{
    {provider_kind::offline, "offline", "", "", 0},
    // The first 768 of its 3,072 dimensions lose next to nothing, for a quarter of the memory.
    {provider_kind::gemini, "gemini", "gemini-2.5-flash", "gemini-embedding-001", 768},
    {provider_kind::ollama, "ollama", "llama3.2", "nomic-embed-text", 0},
    {provider_kind::openai, "openai", "gpt-4o-mini", "text-embedding-3-small", 0},
}};

const known_provider& known_of(provider_kind kind) {
  return known[static_cast<std::size_t>(kind)];
}

expected<model_choice> choose(std::string_view setting, const std::string& text,
                              std::string_view known_provider::*usual) {
  const auto colon = text.find(':');
  for (const auto& each : known) {
    if (text.substr(0, colon) != each.name) continue;
    auto model = colon == std::string::npos ? std::string(each.*usual) : text.substr(colon + 1);
    const bool is_offline = each.kind == provider_kind::offline;
    if (is_offline != model.empty()) break;
    return model_choice{each.kind, std::move(model), std::string(setting)};
  }
  return failure{failure_kind::invalid,
                 std::string(setting) + ": '" + text + "' is not offline, gemini:NAME, ollama:NAME or openai:NAME"};
}

model_choice usual(provider_kind kind, std::string reason) {
  return {kind, std::string(known_of(kind).usual_model), std::move(reason)};
}

model_choice usual_of_ollama(const config::values& settings, std::string reason) {
  auto choice = usual(provider_kind::ollama, std::move(reason));
  if (!settings.ollama_model.empty()) choice.model = settings.ollama_model;
  return choice;
}

std::string without_end(std::string base, std::initializer_list<std::string_view> ends) {
  for (const auto end : ends)
    if (base.ends_with(end)) base.resize(base.size() - end.size());
  return base;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos
         && std::stoi(std::string(text)) <= 65535;
}

expected<std::string> ollama_endpoint(const config::values& settings) {
  // Some clients of Ollama want the path in it.
  if (!settings.ollama_base_url.empty()) return without_end(settings.ollama_base_url, {"/api", "/v1"});
  return ollama_base(settings.ollama_host);
}

}  // namespace

std::string model_choice::name() const {
  return std::string(known_of(kind).name) + (model.empty() ? "" : ":" + model);
}

expected<model_choice> choose_model(const config::values& settings) {
  if (settings.model == "ollama") return usual_of_ollama(settings, "MODEL");
  if (!settings.model.empty()) return choose("MODEL", settings.model, &known_provider::usual_model);
  if (!settings.google_api_key.empty()) return usual(provider_kind::gemini, "GOOGLE_API_KEY is set");
  if (!settings.ollama_base_url.empty()) return usual_of_ollama(settings, "OLLAMA_BASE_URL is set");
  if (!settings.ollama_host.empty()) return usual_of_ollama(settings, "OLLAMA_HOST is set");
  return usual(provider_kind::offline, "neither MODEL nor GOOGLE_API_KEY, OLLAMA_HOST or OLLAMA_BASE_URL is set");
}

expected<model_choice> choose_embedder(const config::values& settings) {
  return choose("EMBEDDER", settings.embedder, &known_provider::usual_embedder);
}

expected<std::shared_ptr<const provider>> make_provider(provider_kind kind, const config::values& settings) {
  using result = std::shared_ptr<const provider>;
  if (kind == provider_kind::gemini)
    return result(make_gemini({without_end(settings.google_gemini_base_url, {"/v1beta"}), settings.google_api_key}));
  if (kind == provider_kind::openai) return result(make_openai({settings.openai_base_url, settings.openai_api_key}));
  if (kind == provider_kind::offline) return result();
  auto base = ollama_endpoint(settings);
  if (!base) return base.error();
  return result(make_ollama({std::move(*base), {}}));
}

expected<std::shared_ptr<language_model>> make_language_model(const model_choice& choice,
                                                              const config::values& settings,
                                                              std::shared_ptr<http_client> client) {
  using result = std::shared_ptr<language_model>;
  if (choice.kind == provider_kind::offline) return result(std::make_shared<offline_model>(settings.offline_pace));
  auto made = make_provider(choice.kind, settings);
  if (!made) return made.error();
  return result(std::make_shared<remote_model>(std::move(*made), std::move(client), choice.model,
                                               settings.model_call_limit, settings.model_max_calls));
}

expected<std::shared_ptr<batch_embedder>> make_batch_embedder(const model_choice& choice,
                                                              const config::values& settings,
                                                              std::shared_ptr<http_client> client) {
  using result = std::shared_ptr<batch_embedder>;
  auto made = make_provider(choice.kind, settings);
  if (!made) return made.error();
  if (!*made) return result();
  return result(std::make_shared<remote_embedder>(std::move(*made), std::move(client), choice.model,
                                                  known_of(choice.kind).dimensions, settings.model_call_limit));
}

expected<std::string> ollama_base(const std::string& host) {
  const failure wrong{failure_kind::invalid, "OLLAMA_HOST: '" + host + "' is not a host, host:port or http(s) URL"};
  std::string_view rest = host;
  while (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view scheme = "http://";
  bool with_scheme = false;
  for (const std::string_view each : {"http://", "https://"})
    if (rest.starts_with(each)) {
      scheme = each;
      with_scheme = true;
      rest.remove_prefix(each.size());
    }
  const auto path = rest.find('/') == rest.npos ? std::string_view() : rest.substr(rest.find('/'));
  auto authority = rest.substr(0, rest.size() - path.size());
  if (rest.find_first_of(" \t@?#\\") != rest.npos) return wrong;
  // An IPv6 address alone has colons, too.
  const auto bracket = authority.find(']');
  const auto colon = authority.rfind(':');
  const bool bare_ip6 = bracket == authority.npos && authority.find(':') != colon;
  const bool has_port = !bare_ip6 && colon != authority.npos && (bracket == authority.npos || colon > bracket);
  auto name = has_port ? authority.substr(0, colon) : authority;
  const auto port = has_port ? authority.substr(colon + 1) : std::string_view();
  if (has_port && !is_port(port)) return wrong;
  if (name.empty() && with_scheme) return wrong;
  std::string out(scheme);
  out += name.empty() ? "127.0.0.1" : bare_ip6 ? "[" + std::string(name) + "]" : std::string(name);
  if (has_port) out += ":" + std::string(port);
  if (!has_port && !with_scheme) out += ":11434";
  return out + std::string(path);
}

}  // namespace troupe::models
