#include "inputs.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

std::string problem_in(const std::string& text) {
  made_inputs made;
  made.file("troupe.toml", text);
  return made.problem();
}

}  // namespace

TEST_CASE("MCP servers come from tables of troupe.toml") {
  made_inputs made;
  made.file("troupe.toml", R"(
log_level = "debug"
[mcp.files]
command = ["mcp-files", "/srv/a b"]
env = { TOKEN = "s3cret" }
prefix = true
[mcp.search]
url = "https://example.org/mcp"
headers = { Authorization = "Bearer x" }
timeout_ms = 1500
protocol = "2025-06-18"
)");
  const auto loaded = made.good();
  REQUIRE(loaded.mcp_servers.size() == 2);
  const auto& files = loaded.mcp_servers[0];
  CHECK(files.name == "files");
  CHECK(files.command == std::vector<std::string>{"mcp-files", "/srv/a b"});
  CHECK(files.env.at("TOKEN") == "s3cret");
  CHECK(files.prefix);
  CHECK(files.timeout == std::chrono::seconds(30));
  const auto& search = loaded.mcp_servers[1];
  CHECK(search.url == "https://example.org/mcp");
  CHECK(search.headers[0].second == "Bearer x");
  CHECK(search.timeout == std::chrono::milliseconds(1500));
  CHECK(search.protocol == "2025-06-18");
  CHECK(loaded.log_level == config::log_level::debug);
}

TEST_CASE("MCP_PORTS adds servers at http://localhost:PORT/mcp with the contract's time-outs") {
  const auto loaded = with("MCP_PORTS", R"({"filesystem":3101})");
  REQUIRE(loaded.mcp_servers.size() == 1);
  CHECK(loaded.mcp_servers[0].name == "filesystem");
  CHECK(loaded.mcp_servers[0].url == "http://localhost:3101/mcp");
  CHECK(loaded.mcp_servers[0].timeout == std::chrono::seconds(10));
  CHECK(loaded.mcp_servers[0].stream_timeout == std::chrono::seconds(30));
  CHECK(loaded.mcp_servers[0].keep_session);
}

TEST_CASE("mistakes in an MCP server's table name file, key and rule") {
  CHECK(problem_in("[mcp.a]\n") == "troupe.toml:1: mcp.a needs either command or url");
  CHECK(problem_in("[mcp.a]\ncommand = ['x']\nurl = 'http://h'\n")
        == "troupe.toml:1: mcp.a needs either command or url");
  CHECK(problem_in("[mcp.a]\ncommand = 'x y'\n")
        == "troupe.toml:2: mcp.a.command must be a list of texts: the program, then its arguments");
  CHECK(problem_in("[mcp.a]\nurl = 'ftp://h'\n")
        == "troupe.toml:2: mcp.a.url must be a URL that begins with http:// or https://");
  CHECK(problem_in("[mcp.a]\nurl = 'http://u:pw@h/'\n")
        == "troupe.toml:2: mcp.a.url must not hold a user or password; put them in headers");
  CHECK(problem_in("[mcp.a]\nurl = 'http://h'\ntimeout_m = 5\n")
        == "troupe.toml:3: mcp.a.timeout_m is an unknown setting, did you mean 'timeout_ms'?");
  CHECK(problem_in("[mcp.a]\nurl = 'http://h'\ntimeout_ms = 0\n")
        == "troupe.toml:3: mcp.a.timeout_ms must be a whole number of milliseconds, 1..3600000");
  CHECK(problem_in("[mcp.a]\nurl = 'http://h'\nprotocol = 'new'\n").find("mcp.a.protocol must be auto, ")
        != std::string::npos);
  CHECK(problem_in("[mcp.a]\nurl = 'http://h'\nenv = {}\nheaders = { 'a b' = 'x' }\n")
        == "troupe.toml:4: mcp.a.headers has 'a b', which cannot be a header");
  CHECK(problem_in("[mcp.a]\nurl = 'http://h'\nenv = { A = 'x' }\n")
        == "troupe.toml:1: mcp.a has env, which only goes with command");
  CHECK(problem_in("[mcp.'a b']\nurl = 'http://h'\n")
        == "troupe.toml:1: mcp: 'a b' is no name of 1 to 32 of a-z A-Z 0-9 _ -");
  CHECK(problem_in("mcp = 3\n") == "troupe.toml:1: mcp must be tables, [mcp.NAME]");
}

TEST_CASE("a mistake never shows a secret of an MCP server") {
  const auto problem = problem_in("[mcp.a]\ncommand = ['x']\nenv = { KEY = ['s3cret'] }\n");
  CHECK(problem == "troupe.toml:3: mcp.a.env must be a table of texts, which 'KEY' is not");
}

TEST_CASE("one name for two MCP servers is refused") {
  made_inputs made;
  made.file("troupe.toml", "[mcp.files]\ncommand = ['x']\n");
  made.inputs.environment["MCP_PORTS"] = R"({"files":1})";
  CHECK(made.problem() == "MCP_PORTS: 'files' is also [mcp.files] of troupe.toml (from environment)");
}
