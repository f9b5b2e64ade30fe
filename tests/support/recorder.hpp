#pragma once

/// \file
/// An actor that records what it gets: a test's stand-in for any other actor.
///
///     auto journal = node.record();
///     auto session = spawn<session_role>(node.services(), {}, journal.as<journal_actor>());
///     ...
///     REQUIRE(journal.count<journal_append>() == 1);
///     journal.answer_first<journal_append>(journal_committed{});
///
/// Ownership: the handle and the log are shared; copies name the same actor.

#include "runtime/failure.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/local_actor.hpp>
#include <caf/message.hpp>
#include <caf/response_promise.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace troupe {

/// One message as it came in.
struct recorded_message {
  caf::message content;
  caf::strong_actor_ptr sender;
  bool urgent = false;
  bool asked = false;             ///< it was a request
  caf::response_promise promise;  ///< of a request nobody has answered yet
};

/// What a recorder does with a message besides recording it: the answer, or
/// nothing to leave it unanswered for now.
using recorder_reply = std::function<std::optional<caf::message>(const caf::message&)>;

struct recorder_log {
  std::vector<recorded_message> messages;
  recorder_reply reply;
};

class recorder {
 public:
  recorder(caf::actor handle, std::shared_ptr<recorder_log> log) : handle_(std::move(handle)), log_(std::move(log)) {}

  const caf::actor& handle() const { return handle_; }
  template <class Handle>
  Handle as() const {
    return caf::actor_cast<Handle>(handle_);
  }

  std::vector<recorded_message>& messages() { return log_->messages; }
  const std::vector<recorded_message>& messages() const { return log_->messages; }
  void clear() { log_->messages.clear(); }

  /// Every message of one type, in order.
  template <class Message>
  std::vector<Message> all() const {
    std::vector<Message> found;
    for (const auto& each : log_->messages)
      if (each.content.match_elements<Message>()) found.push_back(each.content.get_as<Message>(0));
    return found;
  }
  template <class Message>
  std::size_t count() const {
    return all<Message>().size();
  }
  template <class Message>
  std::optional<Message> last() const {
    auto found = all<Message>();
    if (found.empty()) return std::nullopt;
    return std::move(found.back());
  }

  /// From now on answers every request of type `Request` with `reply(request)`,
  /// which returns the answer or a `caf::error`. Adds to earlier calls.
  template <class Request, class Reply>
  void on(Reply reply) {
    auto before = log_->reply;
    log_->reply = [before, reply](const caf::message& message) -> std::optional<caf::message> {
      if (message.match_elements<Request>()) return caf::make_message(reply(message.get_as<Request>(0)));
      return before ? before(message) : std::nullopt;
    };
  }

  /// Monitors an actor: a `caf::down_msg` is recorded when it ends.
  template <class Handle>
  void monitor(const Handle& which) {
    auto* self = dynamic_cast<caf::local_actor*>(caf::actor_cast<caf::abstract_actor*>(handle_));
    self->monitor(which);
  }

  /// Answers the oldest unanswered request of type `Request`; false if there is none.
  template <class Request, class Answer>
  bool answer_first(Answer answer) {
    for (auto& each : log_->messages) {
      if (!each.asked || !each.promise.pending() || !each.content.match_elements<Request>()) continue;
      // A promise keeps its requester after it is satisfied.
      auto promise = std::exchange(each.promise, {});
      promise.deliver(std::move(answer));
      return true;
    }
    return false;
  }

 private:
  caf::actor handle_;
  std::shared_ptr<recorder_log> log_;
};

}  // namespace troupe
