#include "inputs.hpp"

using namespace troupe;
using test::made_inputs;

TEST_CASE("each source wins over the one before and is remembered") {
  made_inputs made;
  auto check = [&](std::uint16_t port, std::string_view source) {
    auto loaded = made.good();
    CHECK(loaded.port == port);
    CHECK(loaded.source_of("PORT") == source);
  };
  check(8765, "default");
  made.file("troupe.toml", "# ports\n\nport = 1001\n");
  check(1001, "troupe.toml:3");
  made.file(".env", "\n# ports\nPORT=1002\n");
  check(1002, ".env:3");
  made.inputs.environment["PORT"] = "1003";
  check(1003, "environment");
  made.inputs.command_line["PORT"] = "1004";
  check(1004, "command line");
  CHECK(made.good().source_of("HOST") == "default");
  CHECK(made.good().source_of("NO_SUCH") == "");
}

TEST_CASE("--config names another file, which must exist") {
  made_inputs made;
  made.file("troupe.toml", "port = 1001\n");
  made.file("other.toml", "log_level = 'debug'\n");
  made.inputs.config_file = "other.toml";
  CHECK(made.good().port == 8765);
  CHECK(made.good().source_of("LOG_LEVEL") == "other.toml:1");
  made.inputs.config_file = "missing.toml";
  CHECK(made.problem() == "missing.toml: cannot be read: No such file or directory");
}

TEST_CASE("an empty value in .env and the environment counts as not set") {
  made_inputs made;
  made.file("troupe.toml", "port = 1001\n");
  made.file(".env", "PORT=\nHOST=''\n");
  made.inputs.environment["PORT"] = "";
  CHECK(made.good().port == 1001);
  CHECK(made.good().source_of("HOST") == "default");
  made.inputs.command_line["PORT"] = "";
  CHECK(made.problem() == "PORT: '' is not a whole number in 0..65535 (from command line)");
}

TEST_CASE("troupe.toml takes text, numbers, booleans and lists") {
  made_inputs made;
  made.file("troupe.toml",
            "port = '9000'\nlog_to_file = true\nmax_queued_bytes = '1MiB'\nlisten = [1, 2]\n"
            "allowed_origins = ['https://a.example', 'https://b.example:8443']\nmcp_ports = '{\"files\": 9001}'\n");
  auto loaded = made.good();
  CHECK(loaded.port == 9000);
  CHECK(loaded.log_to_file);
  CHECK(loaded.max_queued_bytes == 1 << 20);
  CHECK(loaded.listen == std::vector<std::uint16_t>{1, 2});
  CHECK(loaded.allowed_origins == std::vector<std::string>{"https://a.example", "https://b.example:8443"});
  CHECK(loaded.mcp_ports == std::map<std::string, std::uint16_t>{{"files", 9001}});
}

TEST_CASE("an unknown key of troupe.toml is named with its line and the nearest known name") {
  made_inputs made;
  made.file("troupe.toml", "port = 1\nlog_levle = 'debug'\nbanana = 1\nPORT = 2\n");
  auto problems = made.problems();
  REQUIRE(problems.size() == 3);
  std::sort(problems.begin(), problems.end());
  CHECK(problems[0] == "troupe.toml:2: unknown setting 'log_levle', did you mean 'log_level'?");
  CHECK(problems[1] == "troupe.toml:3: unknown setting 'banana'");
  CHECK(problems[2] == "troupe.toml:4: unknown setting 'PORT'");
}

TEST_CASE("tables and dates in troupe.toml are refused") {
  made_inputs made;
  made.file("troupe.toml", "mcp_ports = { files = 1 }\n");
  CHECK(made.problem() == "troupe.toml:1: mcp_ports is no text, number, boolean or list of those");
  made.file("troupe.toml", "port = 2020-01-01\n");
  CHECK(made.problem() == "troupe.toml:1: port is no text, number, boolean or list of those");
  made.file("troupe.toml", "[log]\nlevel = 'debug'\n");
  CHECK(made.problem() == "troupe.toml:1: unknown setting 'log'");
}

TEST_CASE("a syntax error in troupe.toml gives its place and not the text") {
  made_inputs made;
  made.file("troupe.toml", "port = 1\naccess_token = tr0ub4dor\n");
  auto problem = made.problem();
  CHECK(problem.starts_with("troupe.toml:2: no valid TOML at column "));
  CHECK(problem.find("tr0") == std::string::npos);
}

TEST_CASE("a problem in .env gives its line and not the text") {
  made_inputs made;
  made.file(".env", "PORT=1\nACCESS_TOKEN 'tr0ub4dor'\n");
  CHECK(made.problem() == ".env:2: expected = after the name");
}

TEST_CASE("unknown names are ignored in .env and the environment and refused on the command line") {
  made_inputs made;
  made.file(".env", "SOMEONE_ELSES=1\n");
  made.inputs.environment["PROT"] = "1";
  CHECK(made.good().port == 8765);
  made.inputs.command_line["PROT"] = "1";
  CHECK(made.problem() == "command line: unknown setting 'PROT', did you mean 'PORT'?");
}

TEST_CASE("a directory called .env is somebody else's") {
  made_inputs made;
  std::filesystem::create_directory(made.path(".env"));
  CHECK(made.good().port == 8765);
}

TEST_CASE("a settings file of more than a mebibyte is not read") {
  made_inputs made;
  made.file("troupe.toml", std::string((1 << 20) + 1, '\n'));
  CHECK(made.problem() == "troupe.toml: is larger than 1 MiB");
}

TEST_CASE("a bad value that a later source overrides stops nothing") {
  made_inputs made;
  made.file(".env", "PORT=banana\n");
  made.inputs.environment["PORT"] = "1003";
  CHECK(made.good().port == 1003);
}
