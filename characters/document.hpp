#pragma once

/// \file
/// What a character's file or a client's `character_config` holds, before
/// anybody asks what it means: values, each with its place.
///
/// Ownership: values. Thread safety: pure functions.
/// Errors: `invalid`, "FILE:LINE:COLUMN: rule". Refused are: more than
/// `deepest_document` levels, more than `most_document_values` values or
/// `most_document_bytes` of text (every use of an alias counts with all that it
/// stands for), texts that are not UTF-8 or hold control characters, several
/// documents, tags other than YAML's own.
/// Cost: one pass; memory in proportion to the values.
/// Source: contracts/character.md §6; https://yaml.org/spec/1.2.2/ §10.3 (the core schema).

#include "runtime/failure.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::characters {

inline constexpr std::size_t deepest_document = 32;
inline constexpr std::size_t most_document_values = 20'000;
inline constexpr std::size_t most_document_bytes = 1024 * 1024;

/// Where something stands, from 1; 0: it has no place (JSON).
struct place {
  std::size_t line = 0;
  std::size_t column = 0;
};

struct document {
  enum class kind { null, boolean, integer, number, text, list, mapping };
  struct member;

  kind is = kind::null;
  place at;
  std::string text;             ///< a scalar as it was written
  double number = 0;            ///< of an integer or a number
  std::vector<document> items;  ///< of a list
  std::vector<member> members;  ///< of a mapping, in its order; keys may repeat

  /// This and all below it.
  struct extent {
    std::size_t values = 0;
    std::size_t bytes = 0;
    std::size_t depth = 0;
  };
  extent size() const;

  bool is_number() const { return is == kind::integer || is == kind::number; }
  bool is_scalar() const { return is != kind::list && is != kind::mapping; }
};

struct document::member {
  std::string key;
  place at;
  document value;
};

/// A plain scalar's kind and number by YAML's core schema. Dates are texts.
/// What is no finite number is a text.
document plain_scalar(std::string text, place at);

expected<document> read_yaml(std::string_view text, std::string_view file);
/// `name`: what to call it in errors.
expected<document> read_json(const boost::json::value& value, std::string_view name);

/// As it is, without defaults; of a repeated key the last.
boost::json::value to_json(const document& value);

/// "FILE:LINE:COLUMN", without what it does not have.
std::string at(std::string_view file, place where);

}  // namespace troupe::characters
