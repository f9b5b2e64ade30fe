#pragma once

/// \file
/// The chat's way to a character: requests with answers, and what comes unasked
/// (contracts/character.md §3.2, §5). Two kinds: over a WebSocket
/// (remote_link.hpp) and to the same engine in this process (local_link.hpp).
///
///     link.request({{"message_type", "ping_request"}}, [](auto answer) { ... });
///
/// Ownership: the caller's; `close`, or the destructor, ends it.
/// Thread safety: every function from one thread. What it calls back, it calls
/// on a thread of its own, never after `close` has returned; hand over to an
/// `inbox` there and do not block.
/// Errors: `timeout` (no answer in time; a later one is dropped), `unavailable`
/// (nobody there, or the connection was lost meanwhile: the request is not sent
/// again), `cancelled` (closed). What the other side refuses is an answer here.

#include "runtime/failure.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <string>

namespace troupe::chat {

enum class link_state : unsigned char { closed, connecting, open };

class character_link {
 public:
  /// The whole reply, whatever it says.
  using answered = std::function<void(expected<boost::json::object>)>;

  struct listeners {
    std::function<void(boost::json::object)> event;  ///< a message without `message_id`
    std::function<void(link_state, std::string)> state;
  };

  virtual ~character_link() = default;

  /// REQUIRES: called before `connect`, at most once.
  virtual void listen(listeners with) = 0;
  virtual void connect(std::function<void(expected<void>)> done) = 0;
  /// `fields` without `message_id` and `timestamp`, which are added.
  virtual void request(boost::json::object fields, answered done) = 0;
  virtual void close() = 0;

  virtual bool is_local() const = 0;
  /// For people: "ws://localhost:8765", "in this program".
  virtual std::string where() const = 0;
};

/// Waits for the answer. REQUIRES: not from a call-back of the link.
expected<boost::json::object> ask(character_link& link, boost::json::object fields);
expected<void> connect(character_link& link);

/// The answer if it is of `type` and a success; else what the other side says
/// was wrong, made safe to print (`invalid`).
expected<boost::json::object> succeeded(expected<boost::json::object> answer, std::string_view type);

}  // namespace troupe::chat
