#include "models/provider_settings.hpp"

#include "support/catch.hpp"
#include "support/scripted_http_client.hpp"

using namespace troupe;
using namespace troupe::models;

namespace {

config::values defaults() {
  config::values out;
  out.embedder = "offline";
  out.google_gemini_base_url = "https://generativelanguage.googleapis.com";
  out.openai_base_url = "https://api.openai.com/v1";
  out.model_call_limit = std::chrono::minutes(10);
  return out;
}

std::string chosen(const std::string& model) {
  auto settings = defaults();
  settings.model = model;
  const auto choice = choose_model(settings);
  return choice ? choice->name() : choice.error().message;
}

std::string base(const std::string& host) {
  const auto made = ollama_base(host);
  return made ? *made : made.error().message;
}

}  // namespace

TEST_CASE("MODEL names a provider and its model") {
  CHECK(chosen("gemini:gemini-2.5-pro") == "gemini:gemini-2.5-pro");
  CHECK(chosen("ollama:llama3.2:1b") == "ollama:llama3.2:1b");
  CHECK(chosen("openai:org/model") == "openai:org/model");
  CHECK(chosen("offline") == "offline");
  CHECK(chosen("gemini") == "gemini:gemini-2.5-flash");
  CHECK(chosen("ollama") == "ollama:llama3.2");
  CHECK(chosen("openai") == "openai:gpt-4o-mini");
  for (const std::string bad : {"gpt-4o", "gemini:", "offline:x", ":x", "Gemini:x"})
    CHECK(chosen(bad) == "MODEL: '" + bad + "' is not offline, gemini:NAME, ollama:NAME or openai:NAME");
}

TEST_CASE("without MODEL a key or an address decides, and says so") {
  auto settings = defaults();
  CHECK(choose_model(settings)->name() == "offline");
  CHECK(choose_model(settings)->reason.starts_with("neither MODEL nor"));
  settings.openai_api_key = "sk-x";  // alone it does not: many have it set for something else
  CHECK(choose_model(settings)->name() == "offline");
  settings.ollama_host = "127.0.0.1";
  CHECK(choose_model(settings)->name() == "ollama:llama3.2");
  CHECK(choose_model(settings)->reason == "OLLAMA_HOST is set");
  settings.ollama_base_url = "http://a.example";
  CHECK(choose_model(settings)->reason == "OLLAMA_BASE_URL is set");
  settings.ollama_model = "tiny:1b";
  CHECK(choose_model(settings)->name() == "ollama:tiny:1b");
  settings.google_api_key = "AIza-x";
  CHECK(choose_model(settings)->name() == "gemini:gemini-2.5-flash");
  CHECK(choose_model(settings)->reason == "GOOGLE_API_KEY is set");
  settings.model = "offline";
  CHECK(choose_model(settings)->name() == "offline");
  CHECK(choose_model(settings)->reason == "MODEL");
}

TEST_CASE("EMBEDDER names a provider and its embedder") {
  auto settings = defaults();
  CHECK(choose_embedder(settings)->kind == provider_kind::offline);
  settings.embedder = "ollama";
  CHECK(choose_embedder(settings)->name() == "ollama:nomic-embed-text");
  settings.embedder = "glove";
  CHECK(choose_embedder(settings).error().message
        == "EMBEDDER: 'glove' is not offline, gemini:NAME, ollama:NAME or openai:NAME");
}

TEST_CASE("OLLAMA_HOST is read as Ollama reads it") {
  CHECK(base("") == "http://127.0.0.1:11434");
  CHECK(base("gpu.example") == "http://gpu.example:11434");
  CHECK(base("gpu.example:8080") == "http://gpu.example:8080");
  CHECK(base(":8080") == "http://127.0.0.1:8080");
  CHECK(base("http://gpu.example") == "http://gpu.example");
  CHECK(base("https://gpu.example/ollama/") == "https://gpu.example/ollama");
  CHECK(base("https://gpu.example:443") == "https://gpu.example:443");
  CHECK(base("[::1]:8080") == "http://[::1]:8080");
  CHECK(base("[::1]") == "http://[::1]:11434");
  CHECK(base("::1") == "http://[::1]:11434");
  for (const std::string bad : {"a:b", "a:99999", "a:", "me@a", "a b", "http://", "a?b", "http:// a"})
    CHECK(base(bad) == "OLLAMA_HOST: '" + bad + "' is not a host, host:port or http(s) URL");
}

TEST_CASE("what is chosen is made, and asks where the settings say") {
  const auto client = std::make_shared<scripted_http_client>();
  auto settings = defaults();
  settings.google_api_key = "AIza-x";
  settings.google_gemini_base_url = "http://127.0.0.1:9/v1beta";
  settings.ollama_base_url = "http://127.0.0.1:9/api";
  settings.openai_base_url = "http://127.0.0.1:9/v1";
  const std::vector<std::array<std::string, 2>> table = {
      {"gemini:g", "http://127.0.0.1:9/v1beta/models/g:streamGenerateContent?alt=sse"},
      {"ollama:l", "http://127.0.0.1:9/api/chat"},
      {"openai:o", "http://127.0.0.1:9/v1/chat/completions"}};
  for (const auto& [name, url] : table) {
    settings.model = name;
    const auto model = make_language_model(*choose_model(settings), settings, client);
    REQUIRE(model);
    CHECK((*model)->name() == name);
    client->will_do({});
    model_request request;
    request.messages.push_back({chat_role::user, "Hi"});
    (*model)->open(request, [] {});
    CHECK(client->requests.back().url == url);
    CHECK(client->requests.back().total_limit == std::chrono::minutes(10));
    settings.embedder = name;
    const auto embedder = make_batch_embedder(*choose_embedder(settings), settings, client);
    REQUIRE(embedder);
    CHECK((*embedder)->id() == (name == "gemini:g" ? "gemini:g:768" : name));
  }
  settings.model = settings.embedder = "offline";
  CHECK((*make_language_model(*choose_model(settings), settings, client))->name() == "offline");
  CHECK(*make_batch_embedder(*choose_embedder(settings), settings, client) == nullptr);
  settings.ollama_base_url.clear();
  settings.ollama_host = "a b";
  CHECK(make_language_model({provider_kind::ollama, "l", ""}, settings, client).error().kind == failure_kind::invalid);
}
