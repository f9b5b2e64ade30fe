#include "support/scripted_http_server.hpp"

#include "support/http_client.hpp"
#include "support/server_certificate.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace troupe::test {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

int listen_on_loopback() {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(made, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(made, 1024) != 0)
    throw std::runtime_error("cannot listen on loopback");
  return made;
}

/// OpenSSL writes to sockets that the other side may have closed.
void without_broken_pipes() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace

// -- the server ----------------------------------------------------------------

struct scripted_http_server::state {
  peer_script every;
  scripted_server_options options;
  std::optional<server_certificate> certificate;
  temporary_folder folder;
  int listener = listen_on_loopback();
  gate stopping;
  std::thread accepting;

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  std::deque<peer_script> once;
  std::vector<std::thread> threads;
  std::vector<seen_request> requests;
  std::map<std::size_t, std::chrono::steady_clock::time_point> closed;
  std::size_t connections = 0;

  template <class Change>
  void change(Change change) {
    std::lock_guard guard(mutex);
    change();
    changed.notify_all();
  }
};

scripted_http_server::scripted_http_server(peer_script every, scripted_server_options options) : state_(new state) {
  auto& s = *state_;
  s.every = std::move(every);
  s.options = std::move(options);
  if (s.options.tls) {
    s.certificate.emplace(s.options.certificate_host, s.options.protocol);
    s.certificate->write_to(certificate_file());
  }
  // Accepted connections inherit it; set later it would not shrink what TCP took.
  if (s.options.send_buffer > 0)
    ::setsockopt(s.listener, SOL_SOCKET, SO_SNDBUF, &s.options.send_buffer, sizeof s.options.send_buffer);
  s.accepting = std::thread([this] {
    auto& s = *state_;
    for (;;) {
      pollfd waiting[] = {{s.listener, POLLIN, 0}, {s.stopping.descriptor(), POLLIN, 0}};
      ::poll(waiting, 2, -1);
      if (waiting[1].revents != 0) return;
      const int accepted = ::accept4(s.listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (accepted < 0) continue;
      const int on = 1;
      ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      s.change([&] {
        auto run = s.every;
        if (!s.once.empty()) {
          run = std::move(s.once.front());
          s.once.pop_front();
        }
        s.threads.emplace_back([this, accepted, run = std::move(run), number = s.connections++] {
          without_broken_pipes();
          peer client(*this, accepted, number);
          if (client.shake_hands()) run(client);
        });
      });
    }
  });
}

scripted_http_server::~scripted_http_server() {
  state_->stopping.open();
  state_->accepting.join();
  for (auto& thread : state_->threads) thread.join();
  ::close(state_->listener);
}

void scripted_http_server::next(peer_script once) {
  state_->change([&] { state_->once.push_back(std::move(once)); });
}

std::uint16_t scripted_http_server::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(state_->listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string scripted_http_server::url(std::string_view path) const {
  return std::string(state_->options.tls ? "https" : "http") + "://127.0.0.1:" + std::to_string(port())
         + std::string(path);
}

std::string scripted_http_server::certificate_file() const {
  return state_->folder.file("certificate.pem");
}

std::vector<seen_request> scripted_http_server::requests() const {
  std::lock_guard guard(state_->mutex);
  return state_->requests;
}

std::vector<seen_request> scripted_http_server::wait_requests(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, patience, [&] { return state_->requests.size() >= count; });
  return state_->requests;
}

std::size_t scripted_http_server::connections() const {
  std::lock_guard guard(state_->mutex);
  return state_->connections;
}

std::optional<std::chrono::steady_clock::time_point> scripted_http_server::wait_closed(std::size_t connection) const {
  std::unique_lock lock(state_->mutex);
  if (!state_->changed.wait_for(lock, patience, [&] { return state_->closed.contains(connection); }))
    return std::nullopt;
  return state_->closed.at(connection);
}

std::size_t scripted_http_server::wait_closed_count(std::size_t count) const {
  std::unique_lock lock(state_->mutex);
  state_->changed.wait_for(lock, patience, [&] { return state_->closed.size() >= count; });
  return state_->closed.size();
}

// -- a connection --------------------------------------------------------------

struct peer::tls {
  explicit tls(SSL_CTX* context) : session(SSL_new(context)) {}
  ~tls() { SSL_free(session); }
  tls(const tls&) = delete;
  tls& operator=(const tls&) = delete;
  SSL* session;
};

peer::peer(scripted_http_server& server, int descriptor, std::size_t number)
    : server_(server), descriptor_(descriptor), number_(number) {}

peer::~peer() {
  if (tls_ && descriptor_ >= 0 && SSL_is_init_finished(tls_->session)) SSL_shutdown(tls_->session);
  close_descriptor();
}

void peer::close_descriptor() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

/// Waits for events of the socket or for the descriptor `also`. False when the
/// client has closed, the server stops or the patience is over.
bool peer::ready(short events, int also) {
  if (descriptor_ < 0) return false;
  pollfd waiting[] = {{descriptor_, static_cast<short>(events | POLLRDHUP), 0},
                      {server_.state_->stopping.descriptor(), POLLIN, 0},
                      {also, POLLIN, 0}};
  if (::poll(waiting, 3, static_cast<int>(patience.count())) <= 0) return false;
  if ((waiting[0].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
    const auto now = std::chrono::steady_clock::now();
    server_.state_->change([&] { server_.state_->closed.emplace(number_, now); });
    if ((events & waiting[0].revents & POLLIN) == 0) return false;  // else there may be bytes before the end
  }
  return waiting[1].revents == 0;
}

bool peer::shake_hands() {
  if (!server_.state_->certificate) return true;
  tls_ = std::make_unique<tls>(server_.state_->certificate->context());
  SSL_set_fd(tls_->session, descriptor_);
  for (;;) {
    const int done = SSL_accept(tls_->session);
    if (done == 1) return true;
    const int why = SSL_get_error(tls_->session, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE) return false;
    if (!ready(why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) return false;
  }
}

/// Reads more into `ahead_`.
bool peer::fill() {
  char bytes[65536];
  while (descriptor_ >= 0) {
    const auto got = tls_ ? SSL_read(tls_->session, bytes, sizeof bytes)
                          : static_cast<int>(::recv(descriptor_, bytes, sizeof bytes, 0));
    if (got > 0) {
      ahead_.append(bytes, static_cast<std::size_t>(got));
      return true;
    }
    const bool again = tls_ ? SSL_get_error(tls_->session, got) == SSL_ERROR_WANT_READ
                            : got < 0 && (errno == EAGAIN || errno == EINTR);
    if (!again) {
      const auto now = std::chrono::steady_clock::now();
      server_.state_->change([&] { server_.state_->closed.emplace(number_, now); });
      return false;
    }
    if (!ready(POLLIN)) return false;
  }
  return false;
}

std::string peer::read_some(std::size_t size) {
  if (ahead_.empty() && !fill()) return {};
  auto out = ahead_.substr(0, size);
  ahead_.erase(0, out.size());
  return out;
}

std::optional<seen_request> peer::read_request() {
  std::size_t end = 0;
  while ((end = ahead_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return std::nullopt;
  const auto head = ahead_.substr(0, end + 2);
  ahead_.erase(0, end + 4);
  seen_request seen;
  seen.connection = number_;
  const auto first = head.find(' '), second = head.find(' ', first + 1);
  seen.method = head.substr(0, first);
  seen.path = head.substr(first + 1, second - first - 1);
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    const auto stop = head.find("\r\n", at), colon = head.find(':', at);
    auto value = head.substr(colon + 1, stop - colon - 1);
    value.erase(0, std::min(value.find_first_not_of(' '), value.size()));
    seen.headers.emplace_back(lower(head.substr(at, colon - at)), std::move(value));
    at = stop + 2;
  }
  const auto length = seen.header("content-length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  while (ahead_.size() < size)
    if (!fill()) return std::nullopt;
  seen.body = ahead_.substr(0, size);
  ahead_.erase(0, size);
  server_.state_->change([&] { server_.state_->requests.push_back(seen); });
  return seen;
}

bool peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (descriptor_ < 0) return false;
    const auto size = std::min<std::size_t>(bytes.size(), 16384);
    const auto sent = tls_ ? SSL_write(tls_->session, bytes.data(), static_cast<int>(size))
                           : static_cast<int>(::send(descriptor_, bytes.data(), size, MSG_NOSIGNAL));
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      sent_ += static_cast<std::size_t>(sent);
      continue;
    }
    const bool again =
        tls_ ? SSL_get_error(tls_->session, sent) == SSL_ERROR_WANT_WRITE : errno == EAGAIN || errno == EINTR;
    if (!again) ready(0);  // notes that the client has closed
    if (!again || !ready(POLLOUT)) return false;
  }
  return true;
}

bool peer::send_pieces(std::string_view bytes, std::size_t size) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min(size, bytes.size())))
    if (!send(bytes.substr(0, size))) return false;
  return true;
}

bool peer::wait(const gate& until) {
  return ready(0, until.descriptor());
}

bool peer::wait_closed() {
  ready(0);
  std::lock_guard guard(server_.state_->mutex);
  return server_.state_->closed.contains(number_);
}

void peer::reset() {
  const linger now{1, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close_descriptor();
}

void peer::cut() {
  close_descriptor();
}

// -- the rest ------------------------------------------------------------------

std::string seen_request::header(std::string_view name) const {
  for (auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

gate::gate() : descriptor_(::eventfd(0, EFD_CLOEXEC)) {}
gate::~gate() {
  ::close(descriptor_);
}
void gate::open() {
  ::eventfd_write(descriptor_, 1);
}

peer_script answering(std::function<std::string(const seen_request&)> answer) {
  return [answer = std::move(answer)](peer& client) {
    while (auto request = client.read_request())
      if (!client.send(answer(*request))) return;
  };
}

peer_script answering(std::string answer) {
  return answering([answer = std::move(answer)](const seen_request&) { return answer; });
}

std::string http_answer(int status, std::string_view body, std::string_view headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Scripted\r\n" + std::string(headers)
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string chunked_head(std::string_view headers) {
  return "HTTP/1.1 200 OK\r\n" + std::string(headers) + "Transfer-Encoding: chunked\r\n\r\n";
}

std::string chunk(std::string_view bytes) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + std::string(bytes) + "\r\n";
}

}  // namespace troupe::test
