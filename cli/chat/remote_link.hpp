#pragma once

/// \file
/// A character behind a WebSocket server (contracts/character.md §3.2).
///
/// `connect` tries three times, a second apart, and asks `ping_request` whether
/// it is well. Before each request a ping shows whether the connection is
/// alive; if not, it is made again, three tries, and then the request is sent.
/// What was under way when a connection broke fails at once and is not sent
/// again. After a reconnect the server is asked whose company this is, and the
/// character is initialised again if it is not the one from before.
/// Between requests a lost connection is made again in the background, with
/// growing pauses, once a character has been initialised.
///
/// Ownership: has a thread of its own until `close`. Thread safety: as
/// character_link.hpp. Units: milliseconds.

#include "cli/chat/character_link.hpp"
#include "cli/chat/websocket_client.hpp"

#include <chrono>
#include <memory>

namespace troupe::chat {

struct remote_options {
  std::string url = "ws://localhost:8765";
  std::chrono::milliseconds request_limit{30'000};
  bool keepalive = true;
  unsigned attempts = 3;
  std::chrono::milliseconds retry_pause{1'000};
  std::chrono::milliseconds longest_pause{10'000};  ///< between tries in the background
  std::chrono::milliseconds open_limit{5'000};      ///< of one try
  std::chrono::milliseconds ping_interval{30'000};
  std::chrono::milliseconds ping_grace{10'000};
  std::chrono::milliseconds idle_limit{25'000};  ///< without traffic: a ping
};

class remote_link final : public character_link {
 public:
  /// Errors: an address that is none.
  static expected<std::unique_ptr<remote_link>> make(remote_options options);
  ~remote_link() override;

  void listen(listeners with) override;
  void connect(std::function<void(expected<void>)> done) override;
  void request(boost::json::object fields, answered done) override;
  void close() override;
  bool is_local() const override { return false; }
  std::string where() const override;

 private:
  class engine;
  explicit remote_link(std::shared_ptr<engine> made);
  std::shared_ptr<engine> engine_;
};

}  // namespace troupe::chat
