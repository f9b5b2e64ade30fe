#include "config/dotenv.hpp"

#include <algorithm>
#include <optional>

namespace troupe::config {
namespace {

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
bool letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}
bool name_character(char c) {
  return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

class parser {
 public:
  explicit parser(std::string_view text) : rest_(text) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  std::variant<std::vector<dotenv_entry>, dotenv_problem> run() {
    while (!rest_.empty()) {
      skip_blanks();
      if (!at_line_end()) {
        if (auto what = entry()) return dotenv_problem{problem_line_, *what};
      }
      skip_line();
    }
    return std::move(entries_);
  }

 private:
  using problem = std::optional<std::string>;

  void skip_blanks() {
    while (!rest_.empty() && blank(rest_.front())) rest_.remove_prefix(1);
  }

  bool at_line_end() const { return rest_.empty() || rest_.front() == '\n' || rest_.front() == '#'; }

  void skip_line() {
    auto end = rest_.find('\n');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++line_;
  }

  std::string_view take_name() {
    std::size_t length = 0;
    while (length < rest_.size() && name_character(rest_[length])) ++length;
    auto name = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return name;
  }

  problem entry() {
    problem_line_ = line_;
    auto name = take_name();
    if (name == "export" && !rest_.empty() && blank(rest_.front())) {
      skip_blanks();
      name = take_name();
    }
    if (name.empty() || !letter(name.front())) return "expected NAME=value";
    skip_blanks();
    if (rest_.empty() || rest_.front() != '=') return "expected = after the name";
    rest_.remove_prefix(1);
    skip_blanks();
    dotenv_entry found{std::string(name), {}, line_};
    if (auto what = value(found.value)) return what;
    entries_.push_back(std::move(found));
    return std::nullopt;
  }

  problem value(std::string& out) {
    if (!rest_.empty() && (rest_.front() == '"' || rest_.front() == '\'')) return quoted_value(out);
    auto line = rest_.substr(0, rest_.find('\n'));
    std::size_t end = 0;
    while (end < line.size() && !(line[end] == '#' && (end == 0 || blank(line[end - 1])))) ++end;
    while (end > 0 && blank(line[end - 1])) --end;
    out = line.substr(0, end);
    return std::nullopt;
  }

  problem quoted_value(std::string& out) {
    char quote = rest_.front();
    rest_.remove_prefix(1);
    for (;;) {
      if (rest_.empty()) return "the closing quote is missing";
      char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) break;
      if (c == '\n') ++line_;
      if (c == '\r' && !rest_.empty() && rest_.front() == '\n') continue;
      if (c == '\\' && quote == '"' && !rest_.empty()) {
        out += escaped(rest_.front());
        rest_.remove_prefix(rest_.front() == '\n' ? 0 : 1);
        continue;
      }
      out += c;
    }
    skip_blanks();
    if (!at_line_end()) return "unexpected text after the closing quote";
    return std::nullopt;
  }

  static std::string escaped(char c) {
    switch (c) {
      case 'n': return "\n";
      case 't': return "\t";
      case 'r': return "\r";
      case '"':
      case '\\':
      case '$': return std::string(1, c);
      case '\n': return "\\";
      default: return std::string("\\") + c;
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;
  std::size_t problem_line_ = 1;
  std::vector<dotenv_entry> entries_;
};

}  // namespace

std::variant<std::vector<dotenv_entry>, dotenv_problem> parse_dotenv(std::string_view text) {
  return parser(text).run();
}

}  // namespace troupe::config
