/// What stops a start, and in which words (DESIGN sections 1 and 6; contract 2).

#include "storage/database.hpp"
#include "support/catch.hpp"
#include "support/live_server.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

/// `troupe serve` that must end by itself.
command_output serve(const temporary_folder& folder, settings_map settings, std::vector<std::string> more = {}) {
  settings.emplace("HOME", folder.path());
  settings.emplace("PORT", "0");
  settings.emplace("DATA_DIR", folder.file("data"));
  more.insert(more.begin(), {TROUPE_BINARY, "serve"});
  return run_command(more, settings, folder.path());
}

}  // namespace

TEST_CASE("a second server on the same data is told who has it, and the first goes on") {
  live_server first;
  const auto second = first.command({"serve", "--port", "0"});
  CHECK(second.status == 1);
  INFO(second.error);
  CHECK(has(second.error, "error: "));
  CHECK(has(second.error, first.data_dir()));
  CHECK((has(second.error, "another") || has(second.error, "in use")));
  CHECK(first.connect().request(text_action("rewrite", "we was late")).complete());
  CHECK(first.command({"health"}).status == 0);
}

TEST_CASE("a port that is taken is named") {
  live_server first;
  const temporary_folder folder;
  const auto second = serve(folder, {{"PORT", std::to_string(first.port())}});
  CHECK(second.status == 1);
  INFO(second.error);
  CHECK(has(second.error, std::to_string(first.port())));
  CHECK(has(second.error, "another program uses the port"));
}

TEST_CASE("localhost is both loopback addresses: a port that is taken at one of them is taken") {
  const int taken = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  socklen_t size = sizeof address;
  if (taken < 0 || ::bind(taken, reinterpret_cast<sockaddr*>(&address), size) != 0) return;  // no IPv6 here
  REQUIRE(::listen(taken, 1) == 0);
  REQUIRE(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const auto port = std::to_string(ntohs(address.sin6_port));
  const temporary_folder folder;
  const auto result = serve(folder, {{"HOST", "localhost"}, {"PORT", port}});
  ::close(taken);
  CHECK(result.status == 1);
  INFO(result.error);
  CHECK(has(result.error, port));
}

TEST_CASE("two servers side by side on two data folders") {
  live_server one, other;
  CHECK(one.port() != other.port());
  one.connect().say("My sister Ada lives in Oslo.");
  CHECK_FALSE(has(other.connect().say("Where does my sister live?"), "Oslo"));
  CHECK(has(one.connect().say("Where does my sister live?"), "Oslo"));
}

TEST_CASE("a bad setting stops the start with its name, value and rule") {
  const temporary_folder folder;
  struct row {
    const char* name;
    const char* value;
    const char* rule;
  };
  for (const auto& [name, value, rule] :
       {row{"PORT", "eighty", "0..65535"}, row{"PORT", "70000", "0..65535"}, row{"MCP_PORTS", "{broken", "JSON"},
        row{"AUTH", "maybe", "auto"}, row{"MAX_CONNECTIONS", "0", "1..1000000"}, row{"LOG_LEVEL", "loud", "trace"},
        row{"HOST", "not an address", "address"}, row{"TROUPE_LIKE", "mars", "luna"}}) {
    INFO(name << '=' << value);
    const auto result = serve(folder, {{name, value}});
    INFO(result.error);
    CHECK(result.status == 1);
    CHECK(has(result.error, name));
    CHECK(has(result.error, value));
    CHECK(has(result.error, rule));
    CHECK_FALSE(has(result.out, "listening"));
  }
}

TEST_CASE("all bad settings are told at once, and a secret's value is not") {
  const temporary_folder folder;
  const auto result = serve(folder, {{"PORT", "x"}, {"AUTH", "maybe"}, {"ACCESS_TOKEN", "with a blank in it"}});
  CHECK(result.status == 1);
  CHECK(has(result.error, "PORT"));
  CHECK(has(result.error, "AUTH"));
  CHECK(has(result.error, "ACCESS_TOKEN"));
  CHECK_FALSE(has(result.error, "blank in it"));
}

TEST_CASE("an unknown name on the command line or in the file is told with the nearest known one") {
  const temporary_folder folder;
  const auto by_flag = serve(folder, {}, {"--set", "PROT=1"});
  CHECK(by_flag.status == 1);
  CHECK(has(by_flag.error, "PROT"));
  CHECK(has(by_flag.error, "PORT"));
  std::ofstream(folder.file("troupe.toml")) << "data_dri = \"x\"\n";
  const auto by_file = serve(folder, {});
  CHECK(by_file.status == 1);
  CHECK(has(by_file.error, "data_dir"));
  CHECK(run_command({TROUPE_BINARY, "sevre"}).status == 2);
}

TEST_CASE("a model that is not there is an error that names the setting") {
  const temporary_folder folder;
  const auto result = serve(folder, {{"MODEL", "oracle:delphi-1"}});
  CHECK(result.status == 1);
  CHECK(has(result.error, "MODEL"));
  CHECK(has(result.error, "oracle:delphi-1"));
}

TEST_CASE("keys and ports of services that nothing asks for do not stop the start") {
  live_server server(
      settings_map{{"GOOGLE_API_KEY", "AIza-not-a-real-key-0123456789"}, {"MCP_PORTS", R"({"filesystem":3101})"}});
  CHECK(server.http().get("/health").status == 200);
  CHECK(server.stop() == 0);
  CHECK_FALSE(has(server.output(), "AIza"));
}

TEST_CASE("config prints every setting with its source and masks secrets") {
  const temporary_folder folder;
  std::ofstream(folder.file(".env")) << "OPERATOR_TOKEN=operator-secret-from-file\nLOG_LEVEL=debug\n";
  const settings_map settings = {{"HOME", folder.path()},
                                 {"ACCESS_TOKEN", "client-secret-0123456789"},
                                 {"GOOGLE_API_KEY", "AIza-not-a-real-key-0123456789"}};
  for (const auto json : {false, true}) {
    std::vector<std::string> command = {TROUPE_BINARY, "config", "--port", "9000"};
    if (json) command.push_back("--json");
    const auto result = run_command(command, settings, folder.path());
    CHECK(result.status == 0);
    for (const std::string secret : {"operator-secret", "client-secret", "AIza"})
      CHECK_FALSE(has(result.out + result.error, secret));
    for (const std::string shown : {"ACCESS_TOKEN", "********", "9000", "debug", "MAX_MESSAGE_BYTES"})
      CHECK(has(result.out, shown));
    if (json) CHECK(json::parse(result.out).as_array().size() > 30);
  }
}

TEST_CASE("a store that a newer troupe wrote is refused, with what to do") {
  const temporary_folder folder;
  std::filesystem::create_directories(folder.file("data"));
  storage::open_options options;
  options.path = folder.file("data/store");
  options.schema.version = storage::current_schema + 1;
  REQUIRE(storage::database::open(std::move(options)).has_value());
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--set", "AUTH=on"}}) {
    const auto result = serve(folder, {}, more);
    INFO(result.error);
    CHECK(result.status == 1);
    CHECK(has(result.error, "newer troupe"));
    CHECK(has(result.error, "schema version"));
  }
}

TEST_CASE("a damaged log is refused, not opened with less than was acknowledged") {
  live_server server;
  auto client = server.connect();
  for (int i = 0; i < 30; ++i) client.request(text_action("rewrite", sentences(10), R"(,"numbered":true)"));
  server.crash();
  std::string log;
  for (auto& entry : std::filesystem::directory_iterator(server.data_dir() + "/store"))
    if (entry.path().extension() == ".log" && entry.file_size() > 0) log = entry.path();
  REQUIRE_FALSE(log.empty());
  auto bytes = read_text(log);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
  std::ofstream(log, std::ios::binary) << bytes;
  CHECK_FALSE(server.try_start());
  CHECK(server.wait() == 1);
  INFO(server.output());
  CHECK(has(server.output(), "is damaged"));
  CHECK(has(server.output(), "restore"));
  const auto checked = server.command({"check"});
  CHECK(checked.status == 1);
  CHECK(has(checked.error + checked.out, "damaged"));
}
