#include "support/character_peer.hpp"

#include "support/http_client.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <fcntl.h>

namespace troupe::test {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace json = boost::json;
using boost::system::error_code;

namespace {

struct client : std::enable_shared_from_this<client> {
  using receiving = std::function<std::optional<std::string>(const std::string&)>;

  client(asio::ip::tcp::socket socket, receiving with, std::function<void()> pinged)
      : stream(std::move(socket)), receive(std::move(with)) {
    stream.control_callback([pinged = std::move(pinged)](beast::websocket::frame_type kind, beast::string_view) {
      if (kind == beast::websocket::frame_type::ping) pinged();
    });
  }

  void start() {
    stream.async_accept([self = shared_from_this()](error_code error) {
      if (!error) self->read();
    });
  }
  void read() {
    stream.async_read(buffer, [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return;
      const auto text = beast::buffers_to_string(self->buffer.data());
      self->buffer.clear();
      if (auto reply = self->receive(text)) self->send(std::move(*reply));
      self->read();
    });
  }
  void send(std::string text) {
    queue.push_back(std::move(text));
    if (queue.size() == 1) write();
  }
  void write() {
    stream.text(true);
    stream.async_write(asio::buffer(queue.front()), [self = shared_from_this()](error_code error, std::size_t) {
      if (error) return;
      self->queue.pop_front();
      if (!self->queue.empty()) self->write();
    });
  }
  void drop() {
    error_code ignored;
    stream.next_layer().close(ignored);
  }

  beast::websocket::stream<asio::ip::tcp::socket> stream;
  receiving receive;
  beast::flat_buffer buffer;
  std::deque<std::string> queue;
};

std::optional<std::string> well_behaved(const json::object& request) {
  const std::string type(request.at("message_type").as_string());
  const json::object info{{"character_id", "harbor-pilot"}, {"name", "Ines Calloway"}, {"archetype", "steady_guide"}};
  if (type == "ping_request")
    return character_reply(request, "ping_response", {{"server_time", "2031-04-02T09:15:00.000000"}});
  if (type == "init_request")
    return character_reply(request, "init_response", {{"character_name", "Ines Calloway"}, {"character_info", info}});
  if (type == "chat_request")
    return character_reply(request, "chat_response",
                           {{"response_text", "You said: " + std::string(request.at("user_message").as_string())}});
  if (type == "status_request") {
    const json::object levels{{"dopamine", 57.0},   {"serotonin", 71.5}, {"oxytocin", 49.0},
                              {"endorphins", 44.0}, {"cortisol", 28.0},  {"adrenaline", 25.0}};
    const json::object mood{
        {"current_state", "calm"}, {"intensity", 0.715},          {"duration", 2},
        {"energy_level", 33.1},    {"emotional_volatility", 0.2}, {"triggered_by", "initialization"}};
    const json::object goals{
        {"active_goals", json::array{json::object{{"description", "Train an apprentice"}, {"priority", 8}}, "Rest"}}};
    const json::object vitals{{"neurochemical_state", levels},
                              {"mood_state", mood},
                              {"agent_states", json::object{{"goals", goals}}},
                              {"relationship_state", json::object{{"trust_level", 0.55}, {"interaction_count", 3}}}};
    const json::array history{
        json::object{{"role", "user"}, {"message", "Ahoy"}, {"timestamp", "2031-04-02T09:15:00"}}};
    return character_reply(request, "status_response",
                           {{"character_summary", json::object{{"character_info", info}, {"interaction_count", 3}}},
                            {"vitals", vitals},
                            {"conversation_history", history},
                            {"performance_stats", nullptr}});
  }
  if (type == "save_request") {
    const auto& name = request.at("filename");
    return character_reply(
        request, "save_response",
        {{"filename", "data/saves/" + (name.is_string() ? std::string(name.as_string()) : "default.json")}});
  }
  if (type == "load_request") return character_reply(request, "load_response", {{"character_info", info}});
  if (type == "reset_request") return character_reply(request, "reset_response", {{"character_info", info}});
  if (type == "memory_search_request")
    return character_reply(
        request, "memory_search_response",
        {{"memories", json::array{json::object{
                          {"timestamp", "2031-04-02T09:16:04"}, {"description", "Kelp leans."}, {"similarity", 0.71}}}},
         {"count", 1}});
  return character_reply(request, "error_response", {{"error", "unknown message type " + type}});
}

}  // namespace

std::string character_reply(const json::object& request, std::string_view type, json::object fields) {
  json::object out{{"message_type", json::string(type)}, {"timestamp", "2031-04-02T09:15:00.120000"}};
  const auto* id = request.if_contains("message_id");
  out["message_id"] = id == nullptr ? json::value(nullptr) : *id;
  out["success"] = true;
  out["error"] = nullptr;
  for (auto& [key, value] : fields) out[key] = value;
  return json::serialize(out);
}

struct character_peer::state {
  asio::io_context context{1};
  asio::ip::tcp::acceptor acceptor{context};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::uint16_t port = 0;
  std::vector<std::weak_ptr<client>> clients;
  std::thread thread;

  mutable std::mutex guard;
  mutable std::condition_variable changed;
  std::map<std::string, answering> answers;
  std::vector<json::object> requests;
  std::size_t pings = 0;

  void on_thread(std::function<void()> what) {
    std::promise<void> done;
    asio::post(context, [&] {
      what();
      done.set_value();
    });
    done.get_future().wait();
  }
  void open() {
    acceptor.open(asio::ip::tcp::v4());
    // Programs that a test starts must not hold the port.
    ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC);
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind({asio::ip::address_v4::loopback(), port});
    acceptor.listen();
    port = acceptor.local_endpoint().port();
    accept();
  }
  void accept() {
    acceptor.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
      if (error) return;
      ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
      auto made = std::make_shared<client>(
          std::move(socket), [this](const std::string& text) { return reply(text); },
          [this] {
            const std::lock_guard held(guard);
            ++pings;
            changed.notify_all();
          });
      clients.push_back(made);
      made->start();
      accept();
    });
  }
  std::optional<std::string> reply(const std::string& text) {
    const auto request = json::parse(text).as_object();
    const std::string type(request.at("message_type").as_string());
    answering how;
    {
      const std::lock_guard held(guard);
      requests.push_back(request);
      if (const auto found = answers.find(type); found != answers.end()) how = found->second;
    }
    changed.notify_all();
    return how ? how(request) : well_behaved(request);
  }
  void drop() {
    for (auto& each : clients)
      if (const auto alive = each.lock()) alive->drop();
    clients.clear();
  }
};

character_peer::character_peer() : state_(std::make_unique<state>()) {
  state_->open();
  state_->thread = std::thread([state = state_.get()] { state->context.run(); });
}

character_peer::~character_peer() {
  state_->on_thread([this] {
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->drop();
    state_->work.reset();
  });
  state_->thread.join();
}

std::uint16_t character_peer::port() const {
  return state_->port;
}

void character_peer::answer(const std::string& type, answering how) {
  const std::lock_guard held(state_->guard);
  state_->answers[type] = std::move(how);
}

void character_peer::push(const std::string& frame) {
  state_->on_thread([&] {
    for (auto& each : state_->clients)
      if (const auto alive = each.lock()) alive->send(frame);
  });
}

void character_peer::drop_all() {
  state_->on_thread([this] { state_->drop(); });
}

void character_peer::drop_soon() {
  asio::post(state_->context, [state = state_.get()] { state->drop(); });
}

void character_peer::stop_listening() {
  state_->on_thread([this] {
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->drop();
  });
}

void character_peer::listen() {
  state_->on_thread([this] { state_->open(); });
}

std::vector<json::object> character_peer::received() const {
  const std::lock_guard held(state_->guard);
  return state_->requests;
}

bool character_peer::has_received(std::string_view type, std::size_t count) const {
  std::unique_lock held(state_->guard);
  return state_->changed.wait_for(held, patience, [&] {
    std::size_t found = 0;
    for (auto& each : state_->requests)
      if (each.at("message_type").as_string() == type) ++found;
    return found >= count;
  });
}

bool character_peer::has_got_pings(std::size_t count) const {
  std::unique_lock held(state_->guard);
  return state_->changed.wait_for(held, patience, [&] { return state_->pings >= count; });
}

}  // namespace troupe::test
