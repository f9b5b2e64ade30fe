#pragma once

/// \file
/// What came through the network, made safe to print: escape sequences are
/// taken out whole, control characters and bidirectional overrides alone,
/// bytes that are no UTF-8 are replaced. What stays is text and line feeds.
///
/// Thread safety: pure functions. Cost: linear.

#include <string>
#include <string_view>
#include <vector>

namespace troupe::chat {

/// Valid UTF-8 whose only control character is the line feed; a tab is four blanks.
std::string clean_text(std::string_view raw);

/// `clean_text` on one line: line feeds become blanks.
std::string one_line(std::string_view raw);

/// The first `count` characters of `text`, and "..." if there are more.
/// REQUIRES: valid UTF-8.
std::string first_characters(std::string_view text, std::size_t count);

/// How many code points. REQUIRES: valid UTF-8.
std::size_t characters_in(std::string_view text);

}  // namespace troupe::chat
