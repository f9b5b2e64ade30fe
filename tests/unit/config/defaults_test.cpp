#include "inputs.hpp"

using namespace troupe;
using namespace std::chrono_literals;
using test::made_inputs;

TEST_CASE("every setting has its default") {
  auto s = made_inputs().good();
  constexpr std::size_t kib = 1024, mib = 1024 * kib;
  CHECK(s.host == "127.0.0.1");
  CHECK(s.port == 8765);
  CHECK(s.listen.empty());
  CHECK(s.io_threads == 2);
  CHECK(s.max_connections == 20000);
  CHECK(s.max_message_bytes == 16 * mib);
  CHECK(s.max_partial_bytes == 256 * mib);
  CHECK(s.max_queued_bytes == 4 * mib);
  CHECK(s.message_deadline == 30s);
  CHECK(s.header_deadline == 10s);
  CHECK(s.ping_interval == 20s);
  CHECK(s.stalled_reader == 30s);
  CHECK(s.troupe_like == config::likeness::none);
  CHECK(s.auth == config::auth_mode::automatic);
  CHECK(s.access_token.empty());
  CHECK(s.operator_token.empty());
  CHECK(s.allowed_origins.empty());
  CHECK(s.allowed_hosts.empty());
  CHECK(s.data_dir == "/home/someone/.local/share/troupe");
  CHECK(s.session_retention_days == 30);
  CHECK(s.session_idle == 60s);
  CHECK(s.memory_idle == 60s);
  CHECK(s.max_queued_turns == 16);
  CHECK(s.memory_namespace == "default");
  CHECK(s.worker_threads == 2);
  CHECK(s.shutdown_grace == 5s);
  CHECK(s.model.empty());
  CHECK(s.embedder == "offline");
  CHECK(s.google_api_key.empty());
  CHECK(s.google_gemini_base_url == "https://generativelanguage.googleapis.com");
  CHECK(s.ollama_host.empty());
  CHECK(s.ollama_base_url.empty());
  CHECK(s.openai_api_key.empty());
  CHECK(s.openai_base_url == "https://api.openai.com/v1");
  CHECK(s.model_call_limit == 600s);
  CHECK(s.model_max_calls == 64);
  CHECK(s.history_bytes == 96 * 1024);
  CHECK(s.offline_pace == 0ms);
  CHECK(s.mcp_ports.empty());
  CHECK(s.slow_turn == 10s);
  CHECK(s.otlp_endpoint.empty());
  CHECK(s.otlp_headers.empty());
  CHECK(s.log_level == config::log_level::info);
  CHECK(s.log_format == config::log_format::text);
  CHECK_FALSE(s.log_to_file);
  CHECK(s.log_file_max_size == 10 * mib);
  CHECK(s.log_file_count == 5);
  // A new row of the table needs a line above.
  CHECK(config::all_settings().size() == 56);
  for (const auto& info : config::all_settings()) CHECK(s.source_of(info.name) == "default");
}

TEST_CASE("names, keys and flags follow from one another") {
  auto info = config::find_setting("LOG_FILE_MAX_SIZE");
  REQUIRE(info);
  CHECK(info->toml_key() == "log_file_max_size");
  CHECK(info->flag() == "--log-file-max-size");
  CHECK(config::find_setting("log_file_max_size") == nullptr);
}

TEST_CASE("the I/O threads follow the cores up to four, the workers all of them") {
  made_inputs made;
  made.inputs.cores = 16;
  CHECK(made.good().io_threads == 4);
  CHECK(made.good().worker_threads == 16);
  made.inputs.cores = 1;
  CHECK(made.good().io_threads == 1);
}

TEST_CASE("the data directory follows XDG, then HOME, then the working directory") {
  made_inputs made;
  made.inputs.environment["XDG_DATA_HOME"] = "/data";
  CHECK(made.good().data_dir == "/data/troupe");
  made.inputs.environment["XDG_DATA_HOME"] = "relative";
  CHECK(made.good().data_dir == "/home/someone/.local/share/troupe");
  made.inputs.environment.clear();
  CHECK(made.good().data_dir == made.path("troupe-data"));
}

TEST_CASE("a data directory that was given is made absolute and ~ becomes HOME") {
  CHECK(test::with("DATA_DIR", "/srv/troupe").data_dir == "/srv/troupe");
  CHECK(test::with("DATA_DIR", "~/kept").data_dir == "/home/someone/kept");
  made_inputs made;
  made.inputs.environment["DATA_DIR"] = "kept/here";
  CHECK(made.good().data_dir == made.path("kept/here"));
  CHECK(made.good().log_file() == made.path("kept/here/troupe.log"));
  CHECK_FALSE(made.good().logs_to_file());
}

TEST_CASE("further ports are opened once each, after PORT") {
  made_inputs made;
  made.inputs.environment = {{"PORT", "8000"}, {"LISTEN", "3000, 8000,3000,0,0"}};
  CHECK(made.good().ports_to_open() == std::vector<std::uint16_t>{8000, 3000, 0, 0});
}

TEST_CASE("the process's own inputs hold its environment and working directory") {
  REQUIRE(setenv("TROUPE_TEST_VARIABLE", "a=b", 1) == 0);
  auto inputs = config::load_inputs::of_process();
  unsetenv("TROUPE_TEST_VARIABLE");
  CHECK(inputs.environment["TROUPE_TEST_VARIABLE"] == "a=b");
  CHECK(inputs.working_directory == std::filesystem::current_path());
  CHECK(inputs.cores >= 1);
}
