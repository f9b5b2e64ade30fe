#pragma once

/// \file
/// What one client knows, over all rounds: its conversations and the facts it
/// has told. Its memory must hold the facts of the answered turns, each once,
/// and no other.
///
/// Ownership: the test's; a client thread has its book while it runs.

#include "conversation.hpp"

#include <memory>
#include <set>

namespace troupe::crash {

/// A record of the server's memory.
struct memory_entry {
  std::string text;
  double importance = 0;
};

class client_book {
 public:
  /// `token`: empty for a client without; `space`: where its memory is.
  client_book(unsigned number, std::string space, std::string token)
      : number(number), space(std::move(space)), token(std::move(token)) {}

  const unsigned number;
  const std::string space;
  const std::string token;
  std::vector<std::unique_ptr<conversation>> conversations;
  unsigned requests = 0;                     ///< sent so far; makes markers and names
  std::map<std::string, std::string> facts;  ///< text of the fact -> marker of the request that told it

  conversation* find(const std::string& id) const;
  /// A request is in one conversation only.
  void check_requests(problems& found) const;
  void check_memory(const std::vector<memory_entry>& entries, problems& found) const;
};

}  // namespace troupe::crash
