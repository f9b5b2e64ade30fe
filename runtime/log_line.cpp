#include "runtime/log_line.hpp"

#include "config/quote.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <span>

namespace troupe::log {
namespace detail {
namespace {

constexpr std::size_t longest_field = 1024;

// Whole names, not parts of them: "tokens" is a count, "token" is a secret.
constexpr std::array<std::string_view, 14> secret_names = {
    "token",     "access_token",   "operator_token", "refresh_token", "key",    "api_key",       "apikey",
    "x_api_key", "google_api_key", "password",       "passwd",        "secret", "authorization", "cookie"};
constexpr std::array<std::string_view, 4> content_names = {"content", "text", "prompt", "reply"};

bool is_one_of(std::span<const std::string_view> names, std::string_view key) {
  auto same = [](char a, char b) {
    auto plain = [](char c) { return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return plain(a) == plain(b);
  };
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
    return std::equal(key.begin(), key.end(), name.begin(), name.end(), same);
  });
}

std::string timestamp(std::chrono::system_clock::time_point now) {
  using namespace std::chrono;
  auto day = floor<days>(now);
  year_month_day date(day);
  hh_mm_ss time(floor<std::chrono::milliseconds>(now - day));
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return text;
}

bool bare(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || std::string_view("_-.:/@+*[],%").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

void append_text(std::string& out, format form, std::string_view text) {
  auto cut = config::shortened(text, longest_field);
  if (form == format::text && bare(cut))
    out += cut;
  else
    config::append_json_string(out, cut);
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[64];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_value(std::string& out, format form, const field_value& value) {
  std::visit(
      [&](const auto& held) {
        using held_type = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<held_type, std::string_view>) {
          append_text(out, form, held);
        } else if constexpr (std::is_same_v<held_type, bool>) {
          out += held ? "true" : "false";
        } else if constexpr (std::is_same_v<held_type, double>) {
          if (std::isfinite(held) || form == format::text)
            append_number(out, held);
          else
            out += "null";
        } else {
          append_number(out, held);
        }
      },
      value.get());
}

/// A secret, or what somebody said.
bool is_masked(std::string_view key) {
  return is_one_of(secret_names, key) || is_one_of(content_names, key);
}

const field_value& shown(const field& from) {
  static const field_value masked(config::mask);
  return is_masked(from.key) ? masked : from.value;
}

}  // namespace

bool names_secret(std::string_view key) {
  return is_one_of(secret_names, key);
}

std::string format_line(format form, std::chrono::system_clock::time_point now, level at, std::string_view event,
                        fields with) {
  std::string out;
  out.reserve(160);
  if (form == format::text) {
    out = timestamp(now) + " " + std::string(config::name_of(at)) + " ";
    append_text(out, form, event);
    for (const auto& each : with) {
      out += ' ';
      append_text(out, form, each.key);
      out += '=';
      append_value(out, form, shown(each));
    }
    return out;
  }
  out = "{\"time\":\"" + timestamp(now) + "\",\"level\":\"" + std::string(config::name_of(at)) + "\",\"event\":";
  append_text(out, form, event);
  for (const auto& each : with) {
    out += ',';
    append_text(out, form, each.key);
    out += ':';
    append_value(out, form, shown(each));
  }
  return out + "}";
}

}  // namespace detail

std::string redact(std::string_view target) {
  auto query = target.find('?');
  if (query == std::string_view::npos) return std::string(target);
  std::string out(target.substr(0, query + 1));
  target.remove_prefix(query + 1);
  for (;;) {
    auto end = std::min(target.find('&'), target.size());
    auto parameter = target.substr(0, end);
    auto equals = parameter.find('=');
    auto name = parameter.substr(0, equals);
    // A name with escapes in it could spell any of the masked ones.
    bool hidden = detail::is_masked(name) || name.find('%') != std::string_view::npos;
    if (equals != std::string_view::npos && hidden)
      out.append(name).append("=").append(config::mask);
    else
      out += parameter;
    if (end == target.size()) return out;
    out += '&';
    target.remove_prefix(end + 1);
  }
}

}  // namespace troupe::log
