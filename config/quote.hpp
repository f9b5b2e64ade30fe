#pragma once

/// \file
/// Text from outside made safe to print: in JSON, in an error message, in a
/// log line. Control characters (C0, DEL and C1, which terminals obey), line
/// and paragraph separators and bidirectional overrides (which make a line
/// read differently from what it says) become \uXXXX; bytes that are no UTF-8
/// become U+FFFD. The result is valid UTF-8 on one line. Source: RFC 8259 §7.
///
/// Thread safety: pure functions. Cost: linear, one string.

#include <string>
#include <string_view>

namespace troupe::config {

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

/// `text` as a JSON string, quotes included.
std::string json_string(std::string_view text);

/// `text` in single quotes for an error message, cut after 100 bytes.
std::string in_quotes(std::string_view text);

/// `text` for a terminal, without quotes; quotes and backslashes stay as they are.
std::string printable(std::string_view text);

/// At most `limit` bytes of `text`, cut between characters.
std::string_view shortened(std::string_view text, std::size_t limit);

}  // namespace troupe::config
