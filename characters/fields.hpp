#pragma once

/// \file
/// Reading the fields of a document with their rules, and the list of what was
/// found wrong on the way.
///
/// A value that breaks a rule is a warning and the default or the nearest
/// allowed value is taken; only what `required_text` and `checked_number` ask
/// for is an error. An absent or null value is the default, silently.
///
/// Ownership: `fields` refers to the document and to the problems, which must
/// outlive it. Thread safety: none needed. Cost: a key is searched in its mapping.
/// Source: contracts/character.md §6.

#include "characters/document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::characters {

class problems {
 public:
  explicit problems(std::string_view file) : file_(file) {}

  void warn(place where, const std::string& path, const std::string& rule);
  void error(place where, const std::string& path, const std::string& rule);

  bool has_errors() const { return !errors_.empty(); }
  /// The first error, and how many more there are. REQUIRES: `has_errors()`.
  std::string error_text() const;
  /// In the order of the file; at most 100 and one that says how many more.
  std::vector<std::string> warnings() const;

 private:
  struct entry {
    place at;
    std::string text;
  };
  static void sort(std::vector<entry>& entries);

  std::string file_;
  std::vector<entry> warnings_;
  std::vector<entry> errors_;
};

struct range {
  double least = 0;
  double most = 1;
};

class fields {
 public:
  /// `path`: where it stands, "personality"; empty: at the top.
  fields(const document& mapping, std::string path, problems& found);

  /// Null if it is absent or null. The key is known from now on.
  const document* find(std::string_view key);

  std::string required_text(std::string_view key);
  double checked_number(std::string_view key, double otherwise, range allowed);

  std::string text(std::string_view key, std::string_view otherwise = {});
  /// Other words are kept with a warning.
  std::string word(std::string_view key, std::string_view otherwise, std::initializer_list<std::string_view> known);
  /// Other words are the default.
  std::string choice(std::string_view key, std::string_view otherwise, std::initializer_list<std::string_view> known);
  double number(std::string_view key, double otherwise, range allowed = {});
  std::int64_t whole(std::string_view key, std::int64_t otherwise, range allowed);
  bool flag(std::string_view key, bool otherwise);
  boost::json::array texts(std::string_view key, std::initializer_list<std::string_view> otherwise = {});
  /// Anything; only that it is a mapping is looked at.
  boost::json::object free_mapping(std::string_view key);
  boost::json::object text_mapping(std::string_view key);

  fields section(std::string_view key);
  /// Of a list; warns of what is none.
  const std::vector<document>& list(std::string_view key);

  /// Every key that nobody asked for becomes a warning.
  void finish();

  std::string path_of(std::string_view key) const;
  problems& found() { return *found_; }
  place where() const { return mapping_->at; }

 private:
  const document* mapping_;
  std::string path_;
  problems* found_;
  std::vector<std::string> known_;
};

/// A value as it is shown in problems: one line, shortened.
std::string shown(const document& value);

}  // namespace troupe::characters
