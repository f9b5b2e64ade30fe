#pragma once

/// \file
/// Reads `.env` text: lines `NAME=value`, optionally after `export`.
///
///   NAME=plain text      # a comment begins at a # after a blank
///   NAME='as it stands'  # nothing is special but the closing quote
///   NAME="with \n \t \r \" \\ \$"
///
/// Quoted values may span lines. `$OTHER` is not expanded. Lines end in LF or
/// CRLF; a byte order mark is skipped. Of two lines with one name the later
/// wins. Problems name the line and never quote it: it may hold a secret.
///
/// Thread safety: a pure function. Cost: linear.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::config {

struct dotenv_entry {
  std::string name;
  std::string value;
  std::size_t line = 0;  ///< counted from 1; where the value begins
};

struct dotenv_problem {
  std::size_t line = 0;
  std::string what;
};

/// The entries in file order, or the first problem.
std::variant<std::vector<dotenv_entry>, dotenv_problem> parse_dotenv(std::string_view text);

}  // namespace troupe::config
