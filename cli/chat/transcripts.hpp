#pragma once

/// \file
/// What a user and a character have said, kept by the client
/// (contracts/character.md §3.3): one file per pair in
/// `data/conversations/<user>-<character>.json`, and an index beside them.
///
/// Ownership: a value; reads the file at the start, writes it whole after each
/// message. Thread safety: one thread. Errors: `unavailable`; a file that is no
/// transcript is left alone (`corrupt`) and nothing is kept.

#include "runtime/failure.hpp"

#include <boost/json/object.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::chat {

class transcripts {
 public:
  struct message {
    std::string role;  ///< "user" or "character"
    std::string text;
    std::string time;
  };

  /// Opens or begins the conversation of these two.
  static expected<transcripts> open(std::filesystem::path folder, std::string_view user, std::string_view character);

  /// Both sides of a turn.
  expected<void> append(std::string_view said, std::string_view answered);
  /// The newest `count` messages, oldest first.
  std::vector<message> newest(std::size_t count) const;
  std::filesystem::path file() const;

  struct listed {
    std::string character;
    std::string last_updated;
    std::int64_t messages = 0;
  };
  /// This user's conversations, the latest first.
  std::vector<listed> conversations() const;

 private:
  transcripts() = default;
  expected<void> write_index() const;
  boost::json::object read_index() const;

  std::filesystem::path folder_;
  std::string user_, character_;
  boost::json::object document_;
};

/// Lower case, only letters, digits, `-` and `_`; "anonymous" if nothing is left.
std::string transcript_id(std::string_view given);

}  // namespace troupe::chat
