#pragma once

/// \file
/// A Luna client that resumes its conversations, compares them with its book,
/// and then talks until the server is gone. What it does is decided by its seed;
/// how far it gets is not.
///
/// Thread safety: one thread per client. Errors are collected in `found`.

#include "client_book.hpp"
#include "support/ws_client.hpp"

#include <boost/json.hpp>

#include <optional>
#include <random>

namespace troupe::crash {

class luna_client {
 public:
  /// `graceful`: the server will be asked to end, so turns may be told to fail
  /// and the connection must be closed with 1001.
  luna_client(client_book& book, std::uint16_t port, std::uint64_t seed, bool graceful);

  /// Resumes conversations and checks them: all, or the newer ones and some of the others.
  void verify(bool all);
  /// Talks until the connection ends.
  void load();

  problems found;
  unsigned acknowledged = 0;
  unsigned resumed = 0;  ///< times in the middle of a conversation

 private:
  /// The connection has ended; `told`: by the server, in words.
  struct connection_over {
    bool told = true;
  };

  bool chance(unsigned percent) { return random_() % 100 < percent; }
  void connect();
  void send(const boost::json::object& message);
  boost::json::object receive();
  void until_answered(std::size_t left);

  void resume(conversation& which, bool restarted);
  void take_open_turn(conversation& which, const boost::json::object& open);
  void stop();
  void begin_new();
  void talk();
  void drop_and_resume();
  void request_something();
  void play();
  void at_the_end(bool told);

  void handle(const boost::json::object& frame);
  void turn_started(const boost::json::object& frame);
  void chunk(const boost::json::object& frame);
  void acknowledge(const boost::json::object& frame, bool whole);
  void refused(const boost::json::object& frame, bool whole);
  conversation* of(const boost::json::object& frame, bool create);
  told_turn* turn_of(const boost::json::object& frame);
  void problem(const std::string& what, const boost::json::object& frame);

  client_book& book_;
  const std::uint16_t port_;
  const bool graceful_;
  std::mt19937_64 random_;
  std::optional<test::ws_client> socket_;
  conversation* now_ = nullptr;
  std::size_t left_behind_ = 0;  ///< requests without an end in conversations stopped on this connection
  conversation unnamed_;         ///< begun, but its id is not told yet
};

}  // namespace troupe::crash
