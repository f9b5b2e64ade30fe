#pragma once

/// \file
/// JSON in through simdjson's DOM parser (complete validation, unlike its
/// on-demand one), depth at most 64 (DESIGN §9, Hostile peers); text out:
/// repair to valid UTF-8 and string escaping.
///
/// Ownership: one parser per thread. What `parse_json` returns points into it
/// and is valid until the next `parse_json` on that thread.
/// Thread safety: safe, each thread has its own parser.
/// Cost: parsing copies the text once; the copy is given back at the next parse
/// when it was over 1 MiB.

#include "runtime/failure.hpp"

#include <simdjson.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::net {

inline constexpr std::size_t json_depth_limit = 64;
inline constexpr std::size_t json_size_limit = 16 * 1024 * 1024;

/// Errors: `invalid`, naming the rule (size, depth, syntax, UTF-8).
expected<simdjson::dom::element> parse_json(std::string_view text, std::size_t size_limit = json_size_limit);

bool is_valid_utf8(std::string_view text) noexcept;

/// Replaces each maximal invalid part by U+FFFD (Unicode 15, 3.9, "best practice").
std::string repair_utf8(std::string_view text);

/// Appends `text` as a JSON string, with its quotes.
/// REQUIRES: valid UTF-8 (what came in through a frame or `repair_utf8`).
void append_json_string(std::string& out, std::string_view text);

}  // namespace troupe::net
