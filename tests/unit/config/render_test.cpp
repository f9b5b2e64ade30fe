#include "config/render.hpp"
#include "inputs.hpp"

#include <simdjson.h>

#include <iterator>

using namespace troupe;

namespace {

config::settings with_secrets() {
  test::made_inputs made;
  made.inputs.environment["ACCESS_TOKEN"] = "tr0ub4dor";
  made.inputs.environment["GOOGLE_API_KEY"] = "tr0ub4dor";
  made.inputs.environment["PORT"] = "9000";
  made.inputs.environment["LISTEN"] = "1,2";
  return made.good();
}

/// Compares a file of the source tree with what is made from the table, or
/// writes it anew when TROUPE_UPDATE_DOCS is set.
void check_file(const std::string& name, const std::string& made) {
  auto path = std::string(TROUPE_SOURCE_FOLDER) + "/" + name;
  if (std::getenv("TROUPE_UPDATE_DOCS")) std::ofstream(path) << made;
  std::ifstream stream(path);
  std::string there(std::istreambuf_iterator<char>(stream), {});
  INFO(name << " is older than the table; run this test with TROUPE_UPDATE_DOCS=1");
  CHECK(there == made);
}

}  // namespace

TEST_CASE(".env.example and docs/configuration.md list exactly the settings of the table") {
  check_file(".env.example", config::render_env_example());
  check_file("docs/configuration.md", config::render_markdown());
}

TEST_CASE("the rendered documents hold every setting once") {
  auto example = config::render_env_example();
  auto page = config::render_markdown();
  for (const auto& info : config::all_settings()) {
    auto line = "\n#" + std::string(info.name) + "=";
    REQUIRE(example.find(line) != std::string::npos);
    CHECK(example.find(line) == example.rfind(line));
    auto row = "\n| `" + std::string(info.name) + "` |";
    REQUIRE(page.find(row) != std::string::npos);
    CHECK(page.find(row) == page.rfind(row));
  }
}

TEST_CASE(".env.example with every comment taken off is good and changes nothing") {
  test::made_inputs made;
  auto before = config::render(made.good(), true);
  std::string text = config::render_env_example();
  for (const auto& info : config::all_settings()) {
    auto at = text.find("\n#" + std::string(info.name) + "=");
    REQUIRE(at != std::string::npos);
    text.erase(at + 1, 1);
  }
  made.file(".env", text);
  auto loaded = made.good();
  CHECK(loaded.source_of("PORT").starts_with(".env:"));
  for (auto& source : loaded.sources) source = "default";
  CHECK(config::render(loaded, true) == before);
}

TEST_CASE("settings as text show value, source, default, unit, range and help, secrets masked") {
  auto text = config::render(with_secrets(), false);
  CHECK(text.find("PORT = 9000   (environment)\n    Port for HTTP and WebSocket together. 0 lets the system choose "
                  "one.\n    Default: 8765. Range: 0..65535.\n")
        != std::string::npos);
  CHECK(text.find("PING_INTERVAL_MS = 20000   (default)") != std::string::npos);
  CHECK(text.find("Unit: ms") != std::string::npos);
  CHECK(text.find("MAX_MESSAGE_BYTES = 16MiB   (default)") != std::string::npos);
  CHECK(text.find("ACCESS_TOKEN = ********   (environment)") != std::string::npos);
  CHECK(text.find("OPERATOR_TOKEN =    (default)") != std::string::npos);
  CHECK(text.find("tr0ub4dor") == std::string::npos);
}

TEST_CASE("settings as JSON are typed and mask secrets") {
  auto text = config::render(with_secrets(), true);
  CHECK(text.find("tr0ub4dor") == std::string::npos);
  simdjson::dom::parser parser;
  simdjson::dom::array all = parser.parse(text);
  CHECK(all.size() == config::all_settings().size());
  for (simdjson::dom::element each : all) {
    std::string_view name = each["name"];
    CHECK(config::find_setting(name) != nullptr);
    if (name == "PORT") {
      CHECK(std::uint64_t(each["value"]) == 9000);
      CHECK(std::string_view(each["source"]) == "environment");
      CHECK(std::string_view(each["default"]) == "8765");
    }
    if (name == "LISTEN") CHECK(simdjson::minify(each["value"]) == "[1,2]");
    if (name == "LOG_TO_FILE") CHECK_FALSE(bool(each["value"]));
    if (name == "MCP_PORTS") CHECK(simdjson::minify(each["value"]) == "{}");
    if (name == "MAX_MESSAGE_BYTES") CHECK(std::uint64_t(each["value"]) == 16777216);
    if (name == "GOOGLE_API_KEY") {
      CHECK(bool(each["secret"]));
      CHECK(std::string_view(each["value"]) == config::mask);
    }
  }
}
