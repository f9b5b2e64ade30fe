#include "config/mcp_toml.hpp"

#include "config/nearest_name.hpp"
#include "config/quote.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace troupe::config {
namespace {

constexpr std::size_t most_servers = 64;
constexpr std::int64_t longest_timeout_ms = 3600000;

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

bool is_header_name(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || others.find(c) != std::string_view::npos;
  });
}

/// Reads one table; every `read_...` says what is wrong, or nothing.
class server_reader {
 public:
  std::string read(std::string_view key, const toml::node& node) {
    if (key == "command") return read_command(node);
    if (key == "env") return read_env(node);
    if (key == "url") return read_url(node);
    if (key == "headers") return read_headers(node);
    if (key == "timeout_ms") return read_time(node, made.timeout);
    if (key == "stream_timeout_ms") return read_time(node, made.stream_timeout);
    if (key == "protocol") return read_protocol(node);
    if (key == "prefix") return read_flag(node, made.prefix);
    if (key == "keep_session") return read_flag(node, made.keep_session);
    static const std::vector<std::string> keys{"command",           "env",      "url",    "headers",     "timeout_ms",
                                               "stream_timeout_ms", "protocol", "prefix", "keep_session"};
    const auto nearest = nearest_name(key, keys);
    return "is an unknown setting" + (nearest.empty() ? "" : ", did you mean '" + std::string(nearest) + "'?");
  }

  std::string check_together() const {
    if (made.command.empty() == made.url.empty()) return "needs either command or url";
    if (made.command.empty() && !made.env.empty()) return "has env, which only goes with command";
    if (made.url.empty() && !made.headers.empty()) return "has headers, which only go with url";
    return {};
  }

  mcp_server_settings made;

 private:
  std::string read_command(const toml::node& node) {
    const auto* items = node.as_array();
    if (!items || items->empty()) return "must be a list of texts: the program, then its arguments";
    for (auto& item : *items) {
      const auto* word = item.as_string();
      if (!word || word->get().find('\0') != std::string::npos)
        return "must be a list of texts: the program, then its arguments";
      made.command.push_back(word->get());
    }
    return made.command.front().empty() ? "must name a program" : "";
  }

  std::string read_env(const toml::node& node) {
    const auto* table = node.as_table();
    if (!table) return "must be a table of texts";
    for (auto&& [key, value] : *table) {
      const std::string name(key.str());
      const auto* text = value.as_string();
      if (!text) return "must be a table of texts, which " + in_quotes(name) + " is not";
      if (name.empty() || name.find('=') != std::string::npos || has_control(name)
          || text->get().find('\0') != std::string::npos)
        return "has " + in_quotes(name) + ", which cannot be a variable";
      made.env[name] = text->get();
    }
    return {};
  }

  std::string read_url(const toml::node& node) {
    const auto* text = node.as_string();
    const std::string url = text ? text->get() : std::string();
    const auto host = url.starts_with("http://") ? 7u : url.starts_with("https://") ? 8u : 0u;
    if (host == 0 || url.size() == host || url.find_first_of(" \\") != std::string::npos || has_control(url))
      return "must be a URL that begins with http:// or https://";
    const auto end = url.find_first_of("/?#", host);
    if (url.substr(host, end - host).find('@') != std::string::npos)
      return "must not hold a user or password; put them in headers";
    if (url.find('#') != std::string::npos) return "must not hold a fragment (#...)";
    made.url = url;
    return {};
  }

  std::string read_headers(const toml::node& node) {
    const auto* table = node.as_table();
    if (!table) return "must be a table of texts";
    for (auto&& [key, value] : *table) {
      const std::string name(key.str());
      const auto* text = value.as_string();
      if (!text || has_control(text->get())) return "has " + in_quotes(name) + ", whose value is not one line of text";
      if (!is_header_name(name)) return "has " + in_quotes(name) + ", which cannot be a header";
      made.headers.emplace_back(name, text->get());
    }
    return {};
  }

  std::string read_time(const toml::node& node, std::chrono::milliseconds& out) {
    const auto* number = node.as_integer();
    if (!number || number->get() < 1 || number->get() > longest_timeout_ms)
      return "must be a whole number of milliseconds, 1.." + std::to_string(longest_timeout_ms);
    out = std::chrono::milliseconds(number->get());
    return {};
  }

  std::string read_flag(const toml::node& node, bool& out) {
    const auto* flag = node.as_boolean();
    if (!flag) return "must be true or false";
    out = flag->get();
    return {};
  }

  std::string read_protocol(const toml::node& node) {
    constexpr std::array<std::string_view, 6> known{"auto",       "2026-07-28", "2025-11-25",
                                                    "2025-06-18", "2025-03-26", "2024-11-05"};
    const auto* text = node.as_string();
    if (!text || std::find(known.begin(), known.end(), text->get()) == known.end())
      return "must be auto, 2026-07-28, 2025-11-25, 2025-06-18, 2025-03-26 or 2024-11-05";
    made.protocol = text->get();
    return {};
  }
};

std::string place_of(const toml::node& node, const std::string& file) {
  return file + ":" + std::to_string(node.source().begin.line) + ": ";
}

}  // namespace

void read_mcp_table(const toml::node& node, const std::string& file, given_values& out) {
  const auto* servers = node.as_table();
  if (!servers) {
    out.problems.push_back(place_of(node, file) + "mcp must be tables, [mcp.NAME]");
    return;
  }
  for (auto&& [key, value] : *servers) {
    const std::string name(key.str());
    const auto place = place_of(value, file) + "mcp." + name;
    const auto* table = value.as_table();
    if (!is_name(name)) {
      out.problems.push_back(place_of(value, file) + "mcp: " + in_quotes(name)
                             + " is no name of 1 to 32 of a-z A-Z 0-9 _ -");
    } else if (!table) {
      out.problems.push_back(place + " must be a table, [mcp." + name + "]");
    } else if (out.mcp_servers.size() == most_servers) {
      out.problems.push_back(place + " is one too many, there may be " + std::to_string(most_servers));
    } else {
      server_reader reader;
      reader.made.name = name;
      const auto before = out.problems.size();
      for (auto&& [setting, given] : *table) {
        auto problem = reader.read(setting.str(), given);
        if (!problem.empty())
          out.problems.push_back(place_of(given, file) + "mcp." + name + "." + std::string(setting.str()) + " "
                                 + problem);
      }
      if (auto problem = reader.check_together(); !problem.empty() && out.problems.size() == before)
        out.problems.push_back(place + " " + problem);
      out.mcp_servers.push_back(std::move(reader.made));
    }
  }
}

}  // namespace troupe::config
