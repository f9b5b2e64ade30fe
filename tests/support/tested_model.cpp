#include "support/tested_model.hpp"

#include "support/npm_programs.hpp"
#include "support/peer_program.hpp"

#include <cstdlib>
#include <stdexcept>

namespace troupe::test {
namespace {

const std::string& mock_url() {
  static peer_program mock({{node_program(), npm_file("conversation_mock.mjs")}});
  static const std::string url = "http://127.0.0.1:" + std::to_string(mock.wait_port("http://127.0.0.1:"));
  return url;
}

}  // namespace

std::string tested_provider() {
  const char* given = std::getenv("TROUPE_TEST_PROVIDER");
  std::string name = given == nullptr ? "" : given;
  if (name.empty() || name == "gemini" || name == "ollama" || name == "openai") return name;
  throw std::runtime_error("TROUPE_TEST_PROVIDER: '" + name + "' is not gemini, ollama or openai");
}

std::map<std::string, std::string> with_tested_model(std::map<std::string, std::string> settings) {
  const auto provider = tested_provider();
  if (provider.empty() || settings.count("MODEL") > 0) return settings;
  const auto pace = settings.find("OFFLINE_PACE_MS");
  settings["MODEL"] = provider + ":pace-" + (pace == settings.end() ? "0" : pace->second);
  return with_providers_at(mock_url(), std::move(settings));
}

std::map<std::string, std::string> with_providers_at(const std::string& url,
                                                     std::map<std::string, std::string> settings) {
  settings["GOOGLE_GEMINI_BASE_URL"] = url;
  settings["GOOGLE_API_KEY"] = "test-key";
  settings["OLLAMA_BASE_URL"] = url;
  settings["OPENAI_BASE_URL"] = url + "/v1";
  settings["OPENAI_API_KEY"] = "test-key";
  return settings;
}

}  // namespace troupe::test
