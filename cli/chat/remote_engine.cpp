#include "cli/chat/remote_engine.hpp"

#include "cli/chat/json_fields.hpp"

#include <boost/asio/post.hpp>

#include <future>

namespace troupe::chat {

namespace asio = boost::asio;
namespace json = boost::json;

void remote_link::engine::start() {
  work_.emplace(context_.get_executor());
  thread_ = std::thread([this] { context_.run(); });
}

void remote_link::engine::stop() {
  if (!thread_.joinable()) return;
  asio::post(context_, [this] {
    closing_ = true;
    retry_.cancel();
    keepalive_.cancel();
    const failure why{failure_kind::cancelled, "the connection has been closed"};
    pending_.fail_all(why);
    fail_waiting(why);
    if (client_) client_->close();
    work_.reset();
  });
  thread_.join();
  client_.reset();
}

void remote_link::engine::tell(link_state now, const std::string& text) {
  if (listeners_.state) listeners_.state(now, text);
}

// -- connecting ------------------------------------------------------------------

void remote_link::engine::connect(std::function<void(expected<void>)> done) {
  asio::post(context_, [this, done = std::move(done)]() mutable {
    if (closing_) return done(failure{failure_kind::cancelled, "the connection has been closed"});
    if (open_) return done({});
    connecting_.push_back(std::move(done));
    if (!trying_) begin_attempts(std::chrono::milliseconds(0));
  });
}

void remote_link::engine::begin_attempts(std::chrono::milliseconds pause) {
  attempts_left_ = options_.attempts;
  attempt_after(pause);
}

void remote_link::engine::attempt_after(std::chrono::milliseconds pause) {
  retry_.expires_after(pause);  // replaces the background's longer pause
  retry_.async_wait([this](error_code error) {
    if (!error && !closing_ && !trying_ && !open_) attempt();
  });
}

void remote_link::engine::attempt() {
  trying_ = true;
  tell(link_state::connecting, "connecting");
  client_ = std::make_shared<websocket_client>(
      context_, websocket_client::listeners{[this](std::string_view frame) { take(frame); },
                                            [this](const std::string& why) { lost(why); }});
  client_->open(to_, options_.open_limit, [this](expected<void> how) {
    if (closing_) return;
    how ? check_health() : attempt_failed(how.error().message);
  });
}

void remote_link::engine::check_health() {
  send_now({{"message_type", "ping_request"}}, [this](expected<json::object> answer) {
    if (closing_ || !trying_) return;
    if (auto good = succeeded(std::move(answer), "ping_response"); !good)
      return attempt_failed("it does not answer as a character server: " + good.error().message);
    initialised_ ? attach_again() : attempt_ended();
  });
}

void remote_link::engine::attach_again() {
  const json::object question{
      {"message_type", "status_request"}, {"include_vitals", false}, {"include_history", false}};
  send_now(question, [this](expected<json::object> answer) {
    if (closing_ || !trying_) return;
    if (!answer) return attempt_failed(answer.error().message);
    const auto status = succeeded(std::move(answer), "status_response");
    const auto there =
        status ? text_field(object_field(object_field(*status, "character_summary"), "character_info"), "character_id")
               : std::string();
    there == character_id_ ? subscribe_again() : initialise_again();
  });
}

void remote_link::engine::initialise_again() {
  auto again = *initialised_;
  if (!again.contains("character_config")) again["character_id"] = character_id_;
  send_now(std::move(again), [this](expected<json::object> answer) {
    if (closing_ || !trying_) return;
    const auto good = succeeded(std::move(answer), "init_response");
    if (good) return subscribe_again();
    attempt_failed("the character could not be initialised again: " + good.error().message);
  });
}

void remote_link::engine::subscribe_again() {
  if (!subscribed_) return attempt_ended();
  send_now({{"message_type", "subscribe_request"}}, [this](const expected<json::object>&) {
    if (!closing_ && trying_) attempt_ended();
  });
}

void remote_link::engine::attempt_ended() {
  trying_ = false;
  open_ = true;
  background_pause_ = options_.retry_pause;
  tell(link_state::open, "connected");
  if (options_.keepalive) {
    last_ping_ = std::chrono::steady_clock::now();
    begin_keepalive();
  }
  for (auto& done : std::exchange(connecting_, {})) done({});
  // The connection has just answered: no ping is needed.
  for (auto& each : std::exchange(waiting_, {})) {
    auto noted = noting(each.fields, std::move(each.done));
    send_now(std::move(each.fields), std::move(noted));
  }
}

void remote_link::engine::attempt_failed(const std::string& why) {
  trying_ = false;
  if (auto client = std::exchange(client_, nullptr)) client->close();
  pending_.fail_all({failure_kind::unavailable, why});
  if (wanted()) {
    if (attempts_left_ > 1) {
      --attempts_left_;
      tell(link_state::connecting, why);
      return attempt_after(options_.retry_pause);
    }
    fail_waiting({failure_kind::unavailable, "no connection to " + options_.url + ": " + why});
  }
  tell(link_state::closed, why);
  if (!initialised_) return;
  attempt_after(background_pause_);
  background_pause_ = std::min(background_pause_ * 2, options_.longest_pause);
}

void remote_link::engine::fail_waiting(const failure& why) {
  for (auto& done : std::exchange(connecting_, {})) done(why);
  for (auto& each : std::exchange(waiting_, {})) each.done(why);
}

void remote_link::engine::lost(const std::string& why) {
  if (closing_) return;
  if (trying_) return attempt_failed(why);
  open_ = false;
  client_.reset();
  keepalive_.cancel();
  tell(link_state::closed, why);
  pending_.fail_all({failure_kind::unavailable, "the connection was lost (" + why + "); this is not sent again"});
  background_pause_ = options_.retry_pause;
  if (initialised_ || wanted()) begin_attempts(options_.retry_pause);
}

// -- requests --------------------------------------------------------------------

void remote_link::engine::request(json::object fields, answered done) {
  asio::post(context_, [this, each = waiting_request{std::move(fields), std::move(done)}]() mutable {
    if (closing_) return each.done(failure{failure_kind::cancelled, "the connection has been closed"});
    check_and_send(std::move(each));
  });
}

void remote_link::engine::check_and_send(waiting_request each) {
  if (!open_) {
    const bool first = !wanted();
    waiting_.push_back(std::move(each));
    if (!first) return;
    attempts_left_ = options_.attempts;
    if (!trying_) attempt_after(options_.retry_pause);
    return;
  }
  auto shared = std::make_shared<waiting_request>(std::move(each));
  client_->ping(options_.ping_grace, [this, shared](bool alive) {
    if (closing_) return shared->done(failure{failure_kind::cancelled, "the connection has been closed"});
    if (!alive || !open_) return check_and_send(std::move(*shared));
    auto noted = noting(shared->fields, std::move(shared->done));
    send_now(std::move(shared->fields), std::move(noted));
  });
}

void remote_link::engine::send_now(json::object fields, answered done) {
  // Whoever is to be well says so sooner than a character finds its words.
  const bool brief = text_field(fields, "message_type") == "ping_request";
  const auto limit = brief ? std::min(options_.request_limit, options_.ping_grace) : options_.request_limit;
  auto text = pending_.add(std::move(fields), limit, std::move(done));
  client_->send(std::move(text));
}

/// Remembers who is in company here, so that a reconnect finds back.
character_link::answered remote_link::engine::noting(const json::object& fields, answered done) {
  const auto type = text_field(fields, "message_type");
  if (type != "init_request" && type != "load_request" && type != "subscribe_request") return done;
  return [this, type, fields, done = std::move(done)](expected<json::object> answer) {
    const auto* success = answer ? answer->if_contains("success") : nullptr;
    if (success != nullptr && success->is_bool() && success->get_bool()) {
      if (type == "init_request") initialised_ = fields;
      if (type == "subscribe_request") {
        const auto* on = fields.if_contains("enabled");
        subscribed_ = on == nullptr || !on->is_bool() || on->get_bool();
      } else {
        const auto id = text_field(object_field(*answer, "character_info"), "character_id");
        character_id_ = id.empty() ? text_field(fields, "character_id", character_id_) : id;
      }
    }
    done(std::move(answer));
  };
}

void remote_link::engine::take(std::string_view frame) {
  if (auto event = pending_.take(frame); event && listeners_.event) listeners_.event(std::move(*event));
}

void remote_link::engine::begin_keepalive() {
  keepalive_.expires_after(std::min(options_.ping_interval, options_.idle_limit) / 5);
  keepalive_.async_wait([this](error_code error) {
    if (error || closing_ || !open_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ping_ >= options_.ping_interval || now - client_->last_traffic() >= options_.idle_limit) {
      last_ping_ = now;
      client_->ping(options_.ping_grace, [](bool) {});  // without an answer it is dropped
    }
    begin_keepalive();
  });
}

}  // namespace troupe::chat
