#include "inputs.hpp"

using namespace troupe;
using test::problem_of;
using test::with;

TEST_CASE("a bad value is named with its rule and its source") {
  test::made_inputs made;
  made.file(".env", "# a\n\nPORT=99999\n");
  CHECK(made.problem() == "PORT: '99999' is not in 0..65535 (from .env:3)");
}

TEST_CASE("all bad values are reported, not just the first") {
  test::made_inputs made;
  made.file("troupe.toml", "prot = 1\n");
  made.inputs.environment = {{"PORT", "x"}, {"HOST", "nowhere"}, {"LOG_LEVEL", "loud"}};
  auto problems = made.problems();
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].starts_with("troupe.toml:1: "));
  CHECK(problems[1].starts_with("HOST: 'nowhere' "));
  CHECK(problems[2].starts_with("PORT: 'x' "));
  CHECK(problems[3].starts_with("LOG_LEVEL: 'loud' "));
  CHECK(config::settings_error{{"one", "two"}}.text() == "one\ntwo\n");
}

TEST_CASE("numbers outside their range and texts that are none are refused") {
  CHECK(problem_of("PORT", "-1") == "PORT: '-1' is not in 0..65535 (from environment)");
  CHECK(problem_of("PORT", "80a") == "PORT: '80a' is not a whole number in 0..65535 (from environment)");
  CHECK(problem_of("PORT", "8e3") == "PORT: '8e3' is not a whole number in 0..65535 (from environment)");
  CHECK(problem_of("PORT", "99999999999999999999999")
        == "PORT: '99999999999999999999999' is not in 0..65535 (from environment)");
  CHECK(problem_of("IO_THREADS", "0") == "IO_THREADS: '0' is not in 1..256 (from environment)");
  CHECK(problem_of("PING_INTERVAL_MS", "20s")
        == "PING_INTERVAL_MS: '20s' is not a whole number in 0..3600000 (from environment)");
  CHECK(problem_of("SHUTDOWN_GRACE_MS", "600001")
        == "SHUTDOWN_GRACE_MS: '600001' is not in 0..600000 (from environment)");
  CHECK(with("PORT", " 80 ").port == 80);
}

TEST_CASE("sizes take a binary suffix") {
  CHECK(with("MAX_QUEUED_BYTES", "65536").max_queued_bytes == 65536);
  CHECK(with("MAX_QUEUED_BYTES", "64KiB").max_queued_bytes == 65536);
  CHECK(with("MAX_QUEUED_BYTES", "2 mib").max_queued_bytes == 2 << 20);
  CHECK(problem_of("MAX_QUEUED_BYTES", "64KB")
        == "MAX_QUEUED_BYTES: '64KB' is not a size like 4096, 64KiB or 16MiB in 4KiB..1GiB (from environment)");
  CHECK(problem_of("MAX_QUEUED_BYTES", "2GiB") == "MAX_QUEUED_BYTES: '2GiB' is not in 4KiB..1GiB (from environment)");
  CHECK(problem_of("MAX_QUEUED_BYTES", "18446744073709551615GiB")
        == "MAX_QUEUED_BYTES: '18446744073709551615GiB' is not in 4KiB..1GiB (from environment)");
}

TEST_CASE("the budget of half-read messages holds at least one message") {
  test::made_inputs made;
  made.inputs.environment = {{"MAX_PARTIAL_BYTES", "1MiB"}, {"MAX_MESSAGE_BYTES", "2MiB"}};
  CHECK(made.problem() == "MAX_PARTIAL_BYTES: '1048576' is below MAX_MESSAGE_BYTES, 2097152 (from environment)");
}

TEST_CASE("switches know eight words") {
  for (auto word : {"1", "true", "YES", "On"}) CHECK(with("LOG_TO_FILE", word).log_to_file);
  for (auto word : {"0", "false", "No", "off"}) CHECK_FALSE(with("LOG_TO_FILE", word).log_to_file);
  CHECK(problem_of("LOG_TO_FILE", "maybe")
        == "LOG_TO_FILE: 'maybe' is not one of 1/true/yes/on, 0/false/no/off (from environment)");
}

TEST_CASE("choices are named in the error") {
  CHECK(with("LOG_LEVEL", "WARN").log_level == config::log_level::warn);
  CHECK(with("LOG_LEVEL", "WARNING").log_level == config::log_level::warn);
  CHECK(with("LOG_LEVEL", "critical").log_level == config::log_level::error);
  CHECK(with("LOG_FORMAT", "json").log_format == config::log_format::json);
  CHECK(with("AUTH", "off").auth == config::auth_mode::off);
  CHECK(problem_of("LOG_LEVEL", "loud")
        == "LOG_LEVEL: 'loud' is not one of trace, debug, info, warn, error (from environment)");
  CHECK(problem_of("LOG_FORMAT", "xml") == "LOG_FORMAT: 'xml' is not one of text, json (from environment)");
  CHECK(problem_of("AUTH", "maybe") == "AUTH: 'maybe' is not one of auto, on, off (from environment)");
}

TEST_CASE("Luna and the character server can be taken the place of, and the others are said to be missing") {
  auto loaded = with("TROUPE_LIKE", "luna");
  CHECK(loaded.troupe_like == config::likeness::luna);
  CHECK(loaded.host == "127.0.0.1");
  CHECK(loaded.port == 8765);
  CHECK(with("TROUPE_LIKE", "character").troupe_like == config::likeness::character);
  for (std::string other : {"gemini-server", "dreamweaver", "hub"})
    CHECK(problem_of("TROUPE_LIKE", other)
          == "TROUPE_LIKE: '" + other
                 + "' is a dialect that is not built yet; there is none, luna, character (from environment)");
  CHECK(problem_of("TROUPE_LIKE", "lunar")
        == "TROUPE_LIKE: 'lunar' is not one of none, luna, character (from environment)");
}

TEST_CASE("hosts are addresses") {
  CHECK(with("HOST", "0.0.0.0").host == "0.0.0.0");
  CHECK(with("HOST", "::1").host == "::1");
  CHECK(with("HOST", "LocalHost").host == "localhost");
  CHECK(problem_of("HOST", "256.1.1.1")
        == "HOST: '256.1.1.1' is not an IPv4 or IPv6 address or localhost (from environment)");
}

TEST_CASE("lists name the item that breaks the rule") {
  CHECK(problem_of("LISTEN", "80,http")
        == "LISTEN: '80,http' has the item 'http', which is not a whole number in 0..65535 (from environment)");
  CHECK(problem_of("LISTEN", "80,,81") == "LISTEN: '80,,81' has an empty item (from environment)");
  CHECK(problem_of("ALLOWED_ORIGINS", "https://a.example/") ==
        "ALLOWED_ORIGINS: 'https://a.example/' has the item 'https://a.example/', which is not scheme://host "
        "or "
        "scheme://host:port (from environment)");
  for (auto bad : {"*", "a.example", "://a", "https://", "https://*.example"})
    CHECK(problem_of("ALLOWED_ORIGINS", bad).starts_with("ALLOWED_ORIGINS: "));
  CHECK(with("ALLOWED_ORIGINS", "HTTPS://A.example").allowed_origins == std::vector<std::string>{"https://a.example"});
  CHECK(with("ALLOWED_HOSTS", "A.example, ::1").allowed_hosts == std::vector<std::string>{"a.example", "::1"});
  CHECK(problem_of("ALLOWED_HOSTS", "a.example:80") ==
        "ALLOWED_HOSTS: 'a.example:80' has the item 'a.example:80', which is not a host name or address "
        "without a "
        "port (from environment)");
}

TEST_CASE("MCP_PORTS is a JSON object of ports") {
  CHECK(with("MCP_PORTS", "{\"a\": 1, \"b\": 65535}").mcp_ports.size() == 2);
  CHECK(problem_of("MCP_PORTS", "{") == "MCP_PORTS: '{' is not valid JSON (from environment)");
  CHECK(problem_of("MCP_PORTS", "[1]") == "MCP_PORTS: '[1]' is not a JSON object (from environment)");
  CHECK(problem_of("MCP_PORTS", "{\"a\":0}")
        == "MCP_PORTS: '{\"a\":0}' has the member 'a', which is not a port in 1..65535 (from environment)");
  CHECK(problem_of("MCP_PORTS", "{\"a\":\"1\"}").find("has the member 'a'") != std::string::npos);
  CHECK(problem_of("MCP_PORTS", "{\"a\":1,\"a\":2}").find("is there twice") == std::string::npos);
  CHECK(problem_of("MCP_PORTS", "{\"a\":1,\"a\":2}").find("there twice") != std::string::npos);
}

TEST_CASE("texts are one short line") {
  CHECK(with("MODEL", " offline ").model == "offline");
  CHECK(problem_of("MODEL", "a\nb") == "MODEL: 'a\\nb' holds control characters (from environment)");
  test::made_inputs unset;
  unset.inputs.environment["MODEL"] = "offline";
  unset.inputs.command_line["MODEL"] = " ";
  CHECK(unset.good().model.empty());
  CHECK(problem_of("MEMORY_NAMESPACE", "  ") == "MEMORY_NAMESPACE: '  ' is empty (from environment)");
  CHECK(problem_of("MODEL", std::string(201, 'a'))
        == "MODEL: '" + std::string(100, 'a') + "...' is longer than 200 bytes (from environment)");
  CHECK(problem_of("DATA_DIR", "a\tb") == "DATA_DIR: 'a\\u0009b' holds control characters (from environment)");
}

TEST_CASE("base URLs lose the slash at their end and may not hold a user name") {
  CHECK(with("OLLAMA_BASE_URL", " http://127.0.0.1:11434// ").ollama_base_url == "http://127.0.0.1:11434");
  CHECK(with("OPENAI_BASE_URL", "https://models.example/v1").openai_base_url == "https://models.example/v1");
  for (std::string bad : {"127.0.0.1:11434", "ftp://a.example", "http://", "http:///v1", "https://me:pw@a.example",
                          "https://a.example/?key=1", "https://a.example/#x", "http://a b"})
    CHECK(problem_of("OLLAMA_BASE_URL", bad)
          == "OLLAMA_BASE_URL: '" + bad
                 + "' is not an http:// or https:// URL without user name, query and fragment (from environment)");
}

TEST_CASE("a secret that breaks its rule is masked in the error") {
  for (auto name : {"ACCESS_TOKEN", "OPERATOR_TOKEN", "GOOGLE_API_KEY", "OPENAI_API_KEY"})
    CHECK(problem_of(name, "tr0ub4dor &3")
          == std::string(name) + ": ******** holds other characters than visible ASCII (from environment)");
  CHECK(with("ACCESS_TOKEN", "tr0ub4dor&3").access_token == "tr0ub4dor&3");
}

TEST_CASE("headers are name=value between commas, with percent escapes in the values") {
  using headers = std::map<std::string, std::string>;
  CHECK(test::with("OTLP_HEADERS", "Authorization=Basic%20YTpi, x-team = a=b%2Cc").otlp_headers
        == headers{{"authorization", "Basic YTpi"}, {"x-team", "a=b,c"}});
  const std::string masked = "OTLP_HEADERS: ******** ";
  for (auto& [text, rule] : std::map<std::string, std::string>{
           {"key", "has an item that is not name=value"},
           {"a b=c", "has an item that is not name=value"},
           {"key=", "has a header key without a value, with control characters or a broken percent escape"},
           {"key=%0d", "has a header key without a value, with control characters or a broken percent escape"},
           {"key=%2", "has a header key without a value, with control characters or a broken percent escape"},
           {"key=%+1", "has a header key without a value, with control characters or a broken percent escape"},
           {"key=a,Key=b", "has the header key twice"},
           {"Content-Type=text/plain", "has the header content-type, which is set by the server itself"},
           {"a=b,,c=d", "has an empty item"}})
    CHECK(test::problem_of("OTLP_HEADERS", text) == masked + rule + " (from environment)");
}
