#pragma once

/// \file
/// A character in this program: the server's own engine, on a store in memory,
/// behind the same protocol (contracts/character.md §3.2 point 2). What it
/// remembers beyond its saves is gone with the program.
///
/// Ownership: has the node, a thread and the connection actor until `close`.
/// Thread safety: as character_link.hpp. Errors: a model that is none, a store
/// that cannot be made.

#include "cli/chat/character_link.hpp"
#include "cli/chat/chat_options.hpp"
#include "config/settings.hpp"

#include <memory>

namespace troupe::chat {

class local_link final : public character_link {
 public:
  static expected<std::unique_ptr<local_link>> make(const config::settings& settings,
                                                    const client_environment& environment,
                                                    const client_folders& folders);
  ~local_link() override;

  void listen(listeners with) override;
  void connect(std::function<void(expected<void>)> done) override;
  void request(boost::json::object fields, answered done) override;
  void close() override;
  bool is_local() const override { return true; }
  std::string where() const override;

 private:
  struct engine;
  explicit local_link(std::unique_ptr<engine> made);
  std::unique_ptr<engine> engine_;
};

}  // namespace troupe::chat
