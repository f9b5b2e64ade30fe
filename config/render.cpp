#include "config/render.hpp"

#include "config/quote.hpp"

namespace troupe::config {
namespace {

struct shown_value {
  std::string text;
  std::string json;
};

template <class Rule, class Value>
shown_value shown(const Rule& rule, const Value& value) {
  auto text = text_of(rule, value);
  if (Rule::secret && !text.empty()) return {std::string(mask), json_string(mask)};
  return {std::move(text), json_of(value)};
}

std::vector<shown_value> values_of(const settings& from) {
#define TROUPE_SHOW(FIELD, NAME, RULE, ...) shown(RULE, from.FIELD),
  return {TROUPE_SETTINGS(TROUPE_SHOW)};
#undef TROUPE_SHOW
}

std::string details(const setting_info& info) {
  std::string out = "Default: " + (info.default_text.empty() ? "unset" : info.default_text);
  if (!info.unit.empty()) out += ". Unit: " + std::string(info.unit);
  return out + ". Range: " + info.range + ".";
}

std::string render_text(const settings& from, const std::vector<shown_value>& values) {
  std::string out;
  auto table = all_settings();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& info = table[i];
    out += std::string(info.name) + " = " + values[i].text + "   (" + from.sources[i] + ")\n";
    out += "    " + std::string(info.help) + "\n    " + details(info) + "\n";
  }
  return out;
}

std::string render_json(const settings& from, const std::vector<shown_value>& values) {
  std::string out = "[\n";
  auto table = all_settings();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const auto& info = table[i];
    auto member = [&](const char* name, std::string_view text) {
      out += std::string(", \"") + name + "\": " + json_string(text);
    };
    out += "  {\"name\": " + json_string(info.name) + ", \"value\": " + values[i].json;
    member("source", from.sources[i]);
    member("default", info.default_text);
    member("unit", info.unit);
    member("range", info.range);
    member("part", info.part);
    member("help", info.help);
    out += std::string(", \"secret\": ") + (info.secret ? "true" : "false");
    out += i + 1 < table.size() ? "},\n" : "}\n";
  }
  return out + "]\n";
}

std::string markdown_cell(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? "\\|" : std::string(1, c);
  return out;
}

constexpr std::string_view introduction = R"(# Configuration

<!-- Made from config/settings_table.hpp; a test compares the two. After a change there, write both files anew with
     TROUPE_UPDATE_DOCS=1 build/tests/unit/config/test_unit_config -->

`troupe config` prints every setting with its value and where the value came from; `troupe config --json` does so for
programs. Secrets are shown as `********`.

## Where a value comes from

Later wins:

1. the default,
2. `troupe.toml` in the working directory, or the file of `--config FILE`,
3. `.env` in the working directory,
4. the environment,
5. the command line: `--set NAME=VALUE`, or the setting's own flag (`--port 9000` for `PORT`).

`troupe.toml` is flat: each key is a setting's name in lower case. Only MCP servers have tables of their own, see below.

```toml
port = 9000
log_level = "debug"
allowed_origins = ["https://app.example.org"]
mcp_ports = '{"files": 9001}'
```

`.env` holds lines `NAME=value`, optionally after `export`. `#` begins a comment at the start of a line or after a
blank. Text in single quotes stands as it is; in double quotes `\n`, `\t`, `\r`, `\"`, `\\` and `\$` are read as
escapes. Variables are not expanded. An empty value in `.env` or the environment counts as not set.

An unknown name in `troupe.toml` or on the command line stops the start, with the nearest known name. Unknown names in
`.env` and the environment are left alone. A bad value stops the start with exit status 1; all of them are listed, each
with its name, value, rule and source.

Sizes are bytes; `KiB`, `MiB` and `GiB` may follow the number. Lists are comma-separated, in `troupe.toml` also arrays.
A relative `DATA_DIR` starts at the working directory.

## MCP servers

Agents can use the tools of MCP servers. Each server is a table of `troupe.toml`, a program or a URL; those of
`MCP_PORTS` join them.

```toml
[mcp.files]
command = ["mcp-server-files", "/srv/documents"]  # program and arguments; no shell
env = { TOKEN = "..." }                           # all it gets besides PATH, HOME and LANG
prefix = true                                     # its tools are called files__NAME

[mcp.search]
url = "https://example.org/mcp"
headers = { Authorization = "Bearer ..." }
timeout_ms = 30000                                # of a call, until its answer begins
stream_timeout_ms = 30000                         # between signs of life of an answer that streams
protocol = "auto"                                 # or one revision, such as "2025-11-25"
keep_session = false                              # true: the session is not deleted at the end
```

Both streamable HTTP and the older HTTP+SSE are understood; which of the two, and which revision of the protocol, is
found out. A server that ends or cannot be reached is tried again after a pause that doubles up to a minute.

## Log file

`LOG_TO_FILE=on` writes the log to `troupe.log` in `DATA_DIR` as well as to standard error. Luna's original server wrote
`luna-server.log` in its working directory; here everything a server writes lies in one directory, so that two servers
started from the same place do not write into each other's log. `1`, `true`, `yes` and `on` switch it on; the original
took any text, even `false`, as on. At `LOG_FILE_MAX_SIZE` the file becomes `troupe.1.log`, the one before `troupe.2.log`
and so on, up to `LOG_FILE_COUNT` of them. `LOG_FILE` names another file.
)";

std::string heading_of(std::string_view part) {
  if (part == "network") return "Network";
  if (part == "access") return "Who may come in";
  if (part == "storage") return "Storage";
  if (part == "actors") return "Conversations and memory";
  if (part == "models") return "Models";
  if (part == "characters") return "Characters";
  if (part == "tools") return "Tools";
  if (part == "console") return "Console";
  if (part == "inspection") return "Slow turns and traces";
  return "Log";
}

}  // namespace

std::string render(const settings& from, bool json) {
  auto values = values_of(from);
  return json ? render_json(from, values) : render_text(from, values);
}

std::string render_env_example() {
  std::string out =
      "# Copy to .env and take the # off what you want to change. The environment and the command line win "
      "over it.\n"
      "# docs/configuration.md says more. This file is made from config/settings_table.hpp.\n";
  for (const auto& info : all_settings()) {
    out += "\n# " + std::string(info.help) + "\n# " + details(info) + "\n";
    out += "#" + std::string(info.name) + "=" + (info.computed ? "" : info.default_text) + "\n";
  }
  return out;
}

std::string render_markdown() {
  std::string out(introduction);
  std::string_view part;
  for (const auto& info : all_settings()) {
    if (info.part != part) {
      part = info.part;
      out += "\n## " + heading_of(part)
             + "\n\n| Setting | Default | Unit | Range | Meaning |\n| --- | --- | --- | --- | --- |\n";
    }
    auto default_text = info.default_text.empty() ? "unset"
                        : info.computed           ? info.default_text
                                                  : "`" + info.default_text + "`";
    out += "| `" + std::string(info.name) + "` | " + markdown_cell(default_text) + " | " + std::string(info.unit)
           + " | " + markdown_cell(info.range) + " | " + markdown_cell(info.help) + (info.secret ? " Secret." : "")
           + " |\n";
  }
  return out;
}

}  // namespace troupe::config
