#pragma once

/// \file
/// What a `remote_link` does on its thread. Only remote_link.cpp and its own
/// source include this.

#include "cli/chat/pending_replies.hpp"
#include "cli/chat/remote_link.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <optional>
#include <thread>
#include <vector>

namespace troupe::chat {

class remote_link::engine {
 public:
  engine(remote_options options, websocket_address to) : options_(std::move(options)), to_(std::move(to)) {}
  ~engine() { stop(); }

  void start();
  void stop();
  const remote_options& options() const { return options_; }

  // Called from outside; the rest on the engine's thread.
  void listen(listeners with) { listeners_ = std::move(with); }
  void connect(std::function<void(expected<void>)> done);
  void request(boost::json::object fields, answered done);

 private:
  using error_code = boost::system::error_code;
  struct waiting_request {
    boost::json::object fields;
    answered done;
  };

  // -- connecting
  bool wanted() const { return !connecting_.empty() || !waiting_.empty(); }
  void begin_attempts(std::chrono::milliseconds pause);
  void attempt_after(std::chrono::milliseconds pause);
  void attempt();
  void check_health();
  void attach_again();
  void initialise_again();
  void subscribe_again();
  void attempt_failed(const std::string& why);
  void attempt_ended();
  void fail_waiting(const failure& why);
  void lost(const std::string& why);

  // -- requests
  void check_and_send(waiting_request each);
  void send_now(boost::json::object fields, answered done);
  answered noting(const boost::json::object& fields, answered done);
  void take(std::string_view frame);

  void begin_keepalive();
  void tell(link_state now, const std::string& text);

  remote_options options_;
  websocket_address to_;
  listeners listeners_;
  boost::asio::io_context context_{1};
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
  std::thread thread_;
  pending_replies pending_{context_};
  boost::asio::steady_timer retry_{context_};
  boost::asio::steady_timer keepalive_{context_};
  std::chrono::steady_clock::time_point last_ping_{};

  std::shared_ptr<websocket_client> client_;
  bool open_ = false;    ///< and the character is there
  bool trying_ = false;  ///< an attempt is under way
  bool closing_ = false;
  unsigned attempts_left_ = 0;
  std::chrono::milliseconds background_pause_{0};
  std::vector<std::function<void(expected<void>)>> connecting_;
  std::deque<waiting_request> waiting_;

  std::optional<boost::json::object> initialised_;  ///< the request to make again
  std::string character_id_;                        ///< who is expected there
  bool subscribed_ = false;
};

}  // namespace troupe::chat
