#pragma once

/// \file
/// A character server played by a test: it takes WebSocket connections, writes
/// down what it is asked and answers as it is told (contracts/character.md §5).
///
///     character_peer peer;                          // well behaved
///     peer.answer("status_request", [](auto&) { return std::nullopt; });   // silent there
///     peer.drop_all();                              // every connection breaks
///
/// Ownership: a thread and a port of its own, given back by the destructor.
/// Thread safety: any thread. Errors: throws where a test cannot go on.

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::test {

class character_peer {
 public:
  /// The frame to send back, whole; nothing: no answer.
  using answering = std::function<std::optional<std::string>(const boost::json::object& request)>;

  character_peer();
  ~character_peer();
  character_peer(const character_peer&) = delete;
  character_peer& operator=(const character_peer&) = delete;

  std::uint16_t port() const;
  std::string url() const { return "ws://127.0.0.1:" + std::to_string(port()); }

  /// Answers requests of that type in another way; called on the peer's thread.
  void answer(const std::string& type, answering how);
  /// To every client.
  void push(const std::string& frame);
  /// Breaks every connection without a word.
  void drop_all();
  /// The same, from within an answering function.
  void drop_soon();
  /// Drops all and takes no more, until `listen` takes the same port again.
  void stop_listening();
  void listen();

  std::vector<boost::json::object> received() const;
  /// Waits until that many requests of the type have come; false after `patience`.
  bool has_received(std::string_view type, std::size_t count = 1) const;
  /// WebSocket pings, likewise.
  bool has_got_pings(std::size_t count) const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

/// What a well-behaved server answers: an object's text with the fields added.
std::string character_reply(const boost::json::object& request, std::string_view type, boost::json::object fields);

}  // namespace troupe::test
