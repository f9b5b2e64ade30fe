#include "cli/console_client.hpp"

#include "cli/control_client.hpp"
#include "cli/json_value.hpp"

namespace troupe::cli {
namespace {

std::string target_of(const std::vector<std::string>& path) {
  std::string out = "/console/api";
  for (auto& segment : path) out += "/" + percent_encoded(segment);
  return out;
}

console_exit exit_of(unsigned http_status) {
  switch (http_status) {
    case 400: return console_bad_use;
    case 404: return console_not_found;
    case 403:
    case 409: return console_refused;
    default: return console_failed;
  }
}

}  // namespace

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

console_answer console_answer_of(unsigned http_status, std::string json) {
  console_answer out;
  const auto root = net::parse_json(json);
  const bool good = http_status >= 200 && http_status < 300;
  if (!root && good && !json.empty()) {
    out.status = console_failed;
    out.why = "the server's answer is no JSON: " + root.error().message;
  } else if (!good) {
    out.status = exit_of(http_status);
    out.why = root ? json_value<std::string_view>(*root, "detail") : std::string_view();
    if (out.why.empty()) out.why = "the server answered " + std::to_string(http_status);
  } else if (root && !json_value(*root, "done", true)) {
    out.status = console_refused;
    out.why = json_value<std::string_view>(*root, "detail", "it was not done");
  }
  out.json = std::move(json);
  return out;
}

console_answer console_client::look(const std::vector<std::string>& path, const console_parameters& parameters) const {
  auto target = target_of(path);
  char mark = '?';
  for (auto& [name, value] : parameters) {
    if (value.empty()) continue;
    target += mark + std::string(name) + "=" + percent_encoded(value);
    mark = '&';
  }
  return ask("GET", std::move(target));
}

console_answer console_client::act(const std::vector<std::string>& path) const {
  return ask("POST", target_of(path));
}

console_answer console_client::ask(const char* method, std::string target) const {
  auto answer = ask_local(data_dir_, {method, std::move(target), {}, {}, limit_});
  if (answer) return console_answer_of(answer->status, std::move(answer->body));
  const bool nobody = answer.error().kind == failure_kind::not_found;
  return {nobody ? console_no_server : console_failed, {}, answer.error().message};
}

}  // namespace troupe::cli
