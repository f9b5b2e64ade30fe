#include "net/dialects/console/answer_print.hpp"

#include <sodium.h>

#include <algorithm>
#include <string>

namespace troupe::console {
namespace {

bool is_volatile(std::string_view member) {
  return member == R"("at")" || member == R"("cost_us")";
}

/// Behind the closing quote of the string that begins at `at`.
std::size_t string_end(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\')
      ++at;
    else if (json[at] == '"')
      return at + 1;
  }
  return json.size();
}

std::size_t skip_space(std::string_view json, std::size_t at) {
  return std::min(json.find_first_not_of(" \t\r\n", at), json.size());
}

/// The comma or bracket behind the value that begins at `at`.
std::size_t value_end(std::string_view json, std::size_t at) {
  for (int depth = 0; at < json.size();) {
    const char c = json[at];
    if (depth == 0 && (c == ',' || c == '}' || c == ']')) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    at = c == '"' ? string_end(json, at) : at + 1;
  }
  return json.size();
}

class hasher {
 public:
  hasher() { crypto_generichash_init(&state_, nullptr, 0, answer_print{}.size()); }
  void add(std::string_view part) {
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  answer_print take() {
    answer_print out;
    crypto_generichash_final(&state_, out.data(), out.size());
    return out;
  }

 private:
  crypto_generichash_state state_;
};

}  // namespace

answer_print print_of(unsigned status, std::string_view json) {
  hasher hash;
  hash.add(std::to_string(status) + ' ');
  std::size_t from = 0;
  int depth = 0;
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c != '"') {
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at;
      continue;
    }
    const auto end = string_end(json, at);
    if (depth == 1 && is_volatile(json.substr(at, end - at))) {
      const auto colon = skip_space(json, end);
      if (colon < json.size() && json[colon] == ':') {
        hash.add(json.substr(from, at - from));
        at = from = value_end(json, skip_space(json, colon + 1));
        continue;
      }
    }
    at = end;
  }
  hash.add(json.substr(from));
  return hash.take();
}

}  // namespace troupe::console
