#pragma once

/// \file
/// JSON for tools: in through simdjson's DOM parser (complete validation,
/// unlike its on-demand one), depth at most 64 (DESIGN §9 "Hostile peers");
/// out as text that is put together from valid parts.
///
/// Ownership: a document owns its parser; elements point into it. Thread
/// safety: none, values. Errors: `invalid`, naming the rule that is broken.
/// Cost: parsing copies the text once.

#include "runtime/failure.hpp"

#include <simdjson.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::tools {

inline constexpr std::size_t json_depth_limit = 64;
inline constexpr std::size_t json_size_limit = 16 * 1024 * 1024;

using json_element = simdjson::dom::element;
using json_object = simdjson::dom::object;
using json_array = simdjson::dom::array;

/// A parsed text. Moves; its elements stay valid while it lives.
class json_document {
 public:
  static expected<json_document> parse(std::string_view text);
  json_element root() const { return root_; }

 private:
  std::unique_ptr<simdjson::dom::parser> parser_;
  json_element root_;
};

/// \name Members of an object; nothing if absent or of another type
/// \{
std::optional<json_element> member(json_element of, std::string_view key);
std::optional<std::string_view> text_member(json_element of, std::string_view key);
std::optional<std::int64_t> number_member(json_element of, std::string_view key);
std::optional<json_object> object_member(json_element of, std::string_view key);
std::optional<json_array> array_member(json_element of, std::string_view key);
bool true_member(json_element of, std::string_view key);
/// \}

/// One line, without needless spaces.
std::string json_text(json_element value);

/// As a JSON string with its quotes; broken UTF-8 is replaced by U+FFFD.
std::string json_quoted(std::string_view text);

bool is_valid_utf8(std::string_view text) noexcept;
/// Each byte that is not part of a valid sequence becomes U+FFFD.
std::string valid_utf8(std::string_view text);

/// At most `limit` bytes, never cut inside a character, "..." where it was cut.
std::string shortened(std::string_view text, std::size_t limit);

}  // namespace troupe::tools
