#pragma once

/// \file
/// The one table of everything that can be set (DESIGN §2, §9). Every other
/// list of settings (the typed struct, `troupe config`, `.env.example`,
/// docs/configuration.md) is made from it.
///
/// X(FIELD, NAME, RULE, PRESET, UNIT, PART, HELP)
///   FIELD   member of `values`; in upper case it is NAME, in lower case the
///           key in troupe.toml
///   RULE    a rule of rules.hpp; it decides the C++ type
///   PRESET  the default as text, or words and a function that computes it
///   PART    the part of the server that uses it

#include "config/presets.hpp"
#include "config/rules.hpp"

// clang-format off
#define TROUPE_SETTINGS(X) \
  X(host, "HOST", ip_address(), "127.0.0.1", "", "network", \
    "Address to listen on; localhost is 127.0.0.1 and ::1. Anything but loopback asks clients for an access token (see AUTH).") \
  X(port, "PORT", port_number(), "8765", "", "network", \
    "Port for HTTP and WebSocket together. 0 lets the system choose one.") \
  X(listen, "LISTEN", port_list(), "", "", "network", \
    "Further ports, comma-separated.") \
  X(io_threads, "IO_THREADS", whole_number(1, 256), preset("number of cores, at most 4", &io_threads_preset), "", "network", \
    "Threads that read and write sockets.") \
  X(max_connections, "MAX_CONNECTIONS", whole_number(1, 1000000), "20000", "", "network", \
    "Clients connected at once; further ones are turned away.") \
  X(max_message_bytes, "MAX_MESSAGE_BYTES", byte_size(1024, 1u << 30), "16MiB", "bytes", "network", \
    "Largest message taken from a client.") \
  X(max_partial_bytes, "MAX_PARTIAL_BYTES", byte_size(1024, 1ull << 36), "256MiB", "bytes", "network", \
    "Memory for messages that have arrived in part, of all clients together. Not below MAX_MESSAGE_BYTES.") \
  X(max_queued_bytes, "MAX_QUEUED_BYTES", byte_size(4096, 1u << 30), "4MiB", "bytes", "network", \
    "Output that may wait for one client; a client that falls further behind is disconnected.") \
  X(message_deadline, "MESSAGE_DEADLINE_MS", milliseconds(10, 3600000), "30000", "ms", "network", \
    "Time within which a message must be complete after its first byte.") \
  X(header_deadline, "HEADER_DEADLINE_MS", milliseconds(10, 3600000), "10000", "ms", "network", \
    "Time within which a request's header must be complete.") \
  X(ping_interval, "PING_INTERVAL_MS", milliseconds(0, 3600000), "20000", "ms", "network", \
    "Time between pings to a silent WebSocket client. 0 sends none.") \
  X(stalled_reader, "STALLED_READER_MS", milliseconds(10, 3600000), "30000", "ms", "network", \
    "Time after which a client that takes none of its output is disconnected.") \
  X(troupe_like, "TROUPE_LIKE", one_of<likeness>(), "none", "", "network", \
    "Take over this system's paths and error bodies, as a drop-in replacement. PORT and HOST keep their own defaults.") \
  X(auth, "AUTH", one_of<auth_mode>(), "auto", "", "access", \
    "Whether clients whose protocol carries no credentials need an access token: auto asks for one when HOST is not loopback.") \
  X(access_token, "ACCESS_TOKEN", secret_token(), "", "", "access", \
    "Token for clients. Unset, one is made at the first start that needs it and printed once.") \
  X(operator_token, "OPERATOR_TOKEN", secret_token(), "", "", "access", \
    "Token of the operator, for the console and remote commands.") \
  X(allowed_origins, "ALLOWED_ORIGINS", origin_list(), "", "", "access", \
    "Web origins that may connect besides loopback, file: and app: ones.") \
  X(allowed_hosts, "ALLOWED_HOSTS", host_list(), "", "", "access", \
    "Names by which clients may call this server besides loopback and HOST (guards against DNS rebinding).") \
  X(data_dir, "DATA_DIR", directory(), preset("$XDG_DATA_HOME/troupe, else ~/.local/share/troupe, else ./troupe-data", &data_dir_preset), "", "storage", \
    "Directory of everything that is kept.") \
  X(session_retention_days, "SESSION_RETENTION_DAYS", whole_number(0, 36500), "30", "days", "storage", \
    "How long a conversation is kept after its last event. 0 keeps it for ever.") \
  X(session_idle, "SESSION_IDLE_MS", milliseconds(1, 86400000), "60000", "ms", "actors", \
    "Idle time after which a conversation's actor goes to sleep.") \
  X(memory_idle, "MEMORY_IDLE_MS", milliseconds(1, 86400000), "60000", "ms", "actors", \
    "Idle time after which a memory space leaves RAM.") \
  X(max_queued_turns, "MAX_QUEUED_TURNS", whole_number(0, 10000), "16", "", "actors", \
    "Messages of one conversation that may wait for the turn in progress; further ones get the busy error.") \
  X(memory_namespace, "MEMORY_NAMESPACE", one_line(), "default", "", "actors", \
    "Memory space of loopback clients without credentials.") \
  X(worker_threads, "WORKER_THREADS", whole_number(1, 256), preset("number of cores", &worker_threads_preset), "", "actors", \
    "Threads on which actors run.") \
  X(shutdown_grace, "SHUTDOWN_GRACE_MS", milliseconds(0, 600000), "5000", "ms", "actors", \
    "Time that turns in progress get to finish at shutdown before they are interrupted.") \
  X(model, "MODEL", optional_line(), "", "", "models", \
    "Language model: gemini:NAME, ollama:NAME, openai:NAME (any server that speaks OpenAI's protocol) or offline, a small deterministic agent that needs no network. Unset: gemini if GOOGLE_API_KEY is set, else ollama if OLLAMA_HOST or OLLAMA_BASE_URL is, else offline.") \
  X(embedder, "EMBEDDER", one_line(), "offline", "", "models", \
    "What memories are compared by: offline, gemini:NAME, ollama:NAME or openai:NAME.") \
  X(google_api_key, "GOOGLE_API_KEY", secret_token(), "", "", "models", \
    "Key for gemini.") \
  X(google_gemini_base_url, "GOOGLE_GEMINI_BASE_URL", base_url(), "https://generativelanguage.googleapis.com", "", "models", \
    "Where gemini is reached, without the version.") \
  X(ollama_host, "OLLAMA_HOST", optional_line(), "", "", "models", \
    "Where ollama is reached, as Ollama itself reads it: host, host:port or a URL. Unset: 127.0.0.1:11434.") \
  X(ollama_base_url, "OLLAMA_BASE_URL", base_url(), "", "", "models", \
    "Where ollama is reached, as a URL. Goes before OLLAMA_HOST.") \
  X(ollama_model, "OLLAMA_MODEL", one_line(), "llama3.2", "", "models", \
    "Ollama's model where MODEL names none.") \
  X(openai_api_key, "OPENAI_API_KEY", secret_token(), "", "", "models", \
    "Key for openai. Servers of your own may need none.") \
  X(openai_base_url, "OPENAI_BASE_URL", base_url(), "https://api.openai.com/v1", "", "models", \
    "Where openai or a server that speaks its protocol is reached, with the version.") \
  X(model_call_limit, "MODEL_CALL_LIMIT_MS", milliseconds(1000, 86400000), "600000", "ms", "models", \
    "Time within which a language model must have finished one answer.") \
  X(model_max_calls, "MODEL_MAX_CALLS", whole_number(1, 10000), "64", "", "models", \
    "Calls to a language model at once; further ones wait.") \
  X(history_bytes, "HISTORY_BYTES", byte_size(1024, 1ull << 30), "96KiB", "bytes", "models", \
    "How much of a conversation is sent to the model as it was said; of a longer one the older part is summarised by the model.") \
  X(offline_pace, "OFFLINE_PACE_MS", milliseconds(0, 10000), "0", "ms", "models", \
    "Pause of the offline model before each word.") \
  X(character, "CHARACTER", optional_line(), "", "", "characters", \
    "Character that is loaded at the start, and whom clients meet that name none.") \
  X(character_schemas_dir, "CHARACTER_SCHEMAS_DIR", directory(), "schemas/characters", "", "characters", \
    "Where the characters' YAML files are.") \
  X(saves_dir, "SAVES_DIR", optional_line(), "", "", "characters", \
    "Where characters are saved to and loaded from. Unset: DATA_DIR/saves.") \
  X(character_reply_limit, "CHARACTER_REPLY_LIMIT_MS", milliseconds(100, 3600000), "25000", "ms", "characters", \
    "Time within which a character must have answered; then it says that it has no words. Its clients wait 30 s.") \
  X(character_autosave, "CHARACTER_AUTOSAVE_MS", milliseconds(0, 86400000), "300000", "ms", "characters", \
    "Time between the automatic saves of a character that has changed. 0: only at the end of the server.") \
  X(character_idle, "CHARACTER_IDLE_MS", milliseconds(1, 86400000), "60000", "ms", "characters", \
    "Idle time after which a character's actor goes to sleep.") \
  X(mcp_ports, "MCP_PORTS", port_object(), "{}", "", "tools", \
    "MCP servers on this machine: name and TCP port; reached by streamable HTTP at http://localhost:PORT/mcp.") \
  X(inspect_contents, "INSPECT_CONTENTS", on_off(), "false", "", "console", \
    "Whether an operator with the scope act may see the contents of actors' messages, what users say among them.") \
  X(slow_turn, "SLOW_TURN_MS", milliseconds(1, 86400000), "10000", "ms", "inspection", \
    "Turns that take longer count as slow: the console keeps the last 1,000 of them and of the failed ones.") \
  X(otlp_endpoint, "OTLP_ENDPOINT", base_url(), "", "", "inspection", \
    "Where traces of turns are sent to, as OTLP/JSON over HTTP: http://host:4318, to which /v1/traces is added, or a URL with a path. Unset: nowhere.") \
  X(otlp_headers, "OTLP_HEADERS", header_list(), "", "", "inspection", \
    "Headers of these requests, such as a key.") \
  X(log_level, "LOG_LEVEL", one_of<config::log_level>(), "info", "", "log", \
    "Least important lines that are logged.") \
  X(log_format, "LOG_FORMAT", one_of<config::log_format>(), "text", "", "log", \
    "Form of a log line.") \
  X(log_to_file, "LOG_TO_FILE", on_off(), "false", "", "log", \
    "Also write the log to DATA_DIR/troupe.log.") \
  X(log_file_path, "LOG_FILE", optional_line(), "", "", "log", \
    "Also write the log to this file; goes before LOG_TO_FILE. Its folder is made.") \
  X(log_file_max_size, "LOG_FILE_MAX_SIZE", byte_size(4096, 1ull << 36), "10MiB", "bytes", "log", \
    "Size at which the log file is rotated.") \
  X(log_file_count, "LOG_FILE_COUNT", whole_number(1, 100), "5", "", "log", \
    "Rotated log files kept beside the current one.")
// clang-format on
