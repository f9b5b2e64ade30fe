#pragma once

/// \file
/// Requests under way and the answers to them, matched by `message_id` alone
/// (contract 5.1), each with its own deadline. A reply with an id that nobody
/// waits for is dropped; one without an id is an event.
///
/// Ownership: refers to the context. Thread safety: the context's one thread.

#include "cli/chat/character_link.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::chat {

class pending_replies {
 public:
  explicit pending_replies(boost::asio::io_context& context) : context_(context) {}

  /// Adds `message_id` (UUID v4) and `timestamp`; the frame to send.
  std::string add(boost::json::object fields, std::chrono::milliseconds limit, character_link::answered done);
  /// A frame has come: an event is given back.
  std::optional<boost::json::object> take(std::string_view frame);
  void fail_all(const failure& why);
  bool empty() const { return waiting_.empty(); }

 private:
  struct pending {
    character_link::answered done;
    std::unique_ptr<boost::asio::steady_timer> deadline;
  };

  boost::asio::io_context& context_;
  std::map<std::string, pending, std::less<>> waiting_;
};

/// A random UUID (RFC 9562, version 4).
std::string random_uuid();

/// "2031-04-02T09:15:00.120000": local time without a zone, as the contract writes it.
std::string local_timestamp();

}  // namespace troupe::chat
