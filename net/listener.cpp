#include "net/listener.hpp"

#include "net/admission.hpp"
#include "net/local_socket.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <future>

namespace troupe::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using local = asio::local::stream_protocol;

constexpr auto back_off = std::chrono::milliseconds(100);

bool out_of_resources(const error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_memory
         || error == asio::error::no_buffer_space || error.value() == ENFILE;
}

/// Accepts until stopped; `Adopt` makes a peer of a socket, or closes it.
template <class Protocol>
class acceptor final : public listener::acceptor_base, public std::enable_shared_from_this<acceptor<Protocol>> {
 public:
  using socket_type = asio::basic_stream_socket<Protocol, asio::io_context::executor_type>;
  using adoption = std::function<bool(socket_type&, peer_info&)>;

  acceptor(io_threads& threads, asio::basic_socket_acceptor<Protocol> ready, adoption adopt,
           listener::acceptance on_accept, listener::warning warn)
      : threads_(threads),
        gate_(threads.first()),
        acceptor_(std::move(ready)),
        pause_(acceptor_->get_executor()),
        adopt_(std::move(adopt)),
        on_accept_(std::move(on_accept)),
        warn_(std::move(warn)) {}

  void start() {
    gate_->post([self = this->shared_from_this()] { self->accept(); });
  }

  void stop() override {
    std::promise<void> stopped;
    gate_->post([self = this->shared_from_this(), &stopped] {
      self->acceptor_.reset();
      self->pause_.reset();
      stopped.set_value();
    });
    stopped.get_future().wait();
  }

 private:
  void accept() {
    if (!acceptor_) return;
    auto gate = threads_.next();
    acceptor_->async_accept(gate->context(),
                            [self = this->shared_from_this(), gate](error_code error, socket_type socket) {
                              if (!self->acceptor_) return;
                              if (error && out_of_resources(error)) return self->wait(error);
                              self->warned_ = self->warned_ && error;
                              if (!error) self->adopt(std::move(socket), gate);
                              self->accept();
                            });
  }

  void adopt(socket_type socket, const std::shared_ptr<io_gate>& gate) {
    peer_info peer;
    if (!adopt_(socket, peer)) return;
    gate->post([self = this->shared_from_this(), gate, peer = std::move(peer),
                plain = stream_socket(std::move(socket))]() mutable {
      self->on_accept_(std::move(plain), std::move(peer), gate);
    });
  }

  void wait(const error_code& error) {
    if (!warned_ && warn_) warn_("cannot accept connections for now: " + error.message());
    warned_ = true;
    pause_->expires_after(back_off);
    pause_->async_wait([self = this->shared_from_this()](error_code) { self->accept(); });
  }

  io_threads& threads_;
  const std::shared_ptr<io_gate> gate_;
  std::optional<asio::basic_socket_acceptor<Protocol>> acceptor_;
  std::optional<asio::steady_timer> pause_;
  const adoption adopt_;
  const listener::acceptance on_accept_;
  const listener::warning warn_;
  bool warned_ = false;
};

std::string authority(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

failure listen_failure(const error_code& error, const std::string& host, std::uint16_t port) {
  const auto where = "cannot listen on " + authority(host, port) + ": ";
  if (error == asio::error::address_in_use)
    return {failure_kind::exists, where + "another program uses the port; stop it or set PORT to a free one"};
  if (error == asio::error::access_denied)
    return {failure_kind::denied, where + "ports below 1024 need privilege; set PORT to a higher one"};
  if (error == boost::system::errc::address_not_available)
    return {failure_kind::invalid,
            where + "the address is none of this machine's; set HOST to one that is, or to 0.0.0.0 for all"};
  return {failure_kind::internal, where + error.message()};
}

expected<asio::ip::address> resolve(asio::io_context& context, const std::string& host) {
  error_code error;
  auto address = asio::ip::make_address(host, error);
  if (!error) return address;
  tcp::resolver resolver(context);
  const auto found = resolver.resolve(host, "0", tcp::resolver::passive, error);
  if (error || found.empty())
    return failure{failure_kind::invalid,
                   "cannot listen on " + host + ": no such host; set HOST to an address of this machine"};
  return found.begin()->endpoint().address();
}

/// Removes its own socket file, unless another server has replaced it.
class local_file final : public listener::acceptor_base {
 public:
  explicit local_file(std::string path) : path_(std::move(path)) { known_ = ::lstat(path_.c_str(), &made_) == 0; }
  void stop() override {
    struct stat now {};
    if (known_ && ::lstat(path_.c_str(), &now) == 0 && now.st_ino == made_.st_ino && now.st_dev == made_.st_dev)
      ::unlink(path_.c_str());
    known_ = false;
  }

 private:
  const std::string path_;
  struct stat made_ {};
  bool known_ = false;
};

}  // namespace

listener::listener(io_threads& threads, socket_options options, acceptance on_accept, warning warn)
    : threads_(threads), options_(options), on_accept_(std::move(on_accept)), warn_(std::move(warn)) {}

listener::~listener() {
  stop();
}

expected<endpoint> listener::listen_tcp(const std::string& host, std::uint16_t port) {
  auto& context = threads_.first()->context();
  const auto address = resolve(context, host);
  if (!address) return address.error();
  const tcp::endpoint wanted(*address, port);
  tcp::acceptor ready(context);
  error_code error;
  ready.open(wanted.protocol(), error);
  if (!error) ready.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) ready.bind(wanted, error);
  if (!error) ready.listen(4096, error);
  if (error) return listen_failure(error, host, port);

  endpoint out{host, ready.local_endpoint().port(), address->is_loopback(), {}};
  const bool any = address->is_unspecified();
  auto adopt = [options = options_, out, any](auto& socket, peer_info& peer) {
    error_code gone;
    const auto remote = socket.remote_endpoint(gone).address();
    if (gone) return false;
    apply_tcp_options(socket.native_handle(), options);
    peer = {remote.to_string(), remote.is_loopback(), false, out.loopback, out.host, any};
    return true;
  };
  auto made = std::make_shared<acceptor<tcp>>(threads_, std::move(ready), adopt, on_accept_, warn_);
  acceptors_.push_back(made);
  made->start();
  return out;
}

expected<endpoint> listener::listen_local(const std::string& path) {
  const auto descriptor = open_local_socket(path);
  if (!descriptor) return descriptor.error();
  asio::basic_socket_acceptor<local> ready(threads_.first()->context());
  error_code error;
  ready.assign(local(), *descriptor, error);
  if (error) {
    ::close(*descriptor);
    return failure{failure_kind::internal, "cannot listen on " + path + ": " + error.message()};
  }
  auto adopt = [warn = warn_](auto& socket, peer_info& peer) {
    const auto user = peer_user(socket.native_handle());
    if (!user || !peer_may_control(*user, ::geteuid())) {
      if (warn) warn("refused another user on the control socket");
      return false;
    }
    peer.address = "local";
    peer.local_control = true;
    return true;
  };
  auto made = std::make_shared<acceptor<local>>(threads_, std::move(ready), adopt, on_accept_, warn_);
  acceptors_.push_back(made);
  acceptors_.push_back(std::make_shared<local_file>(path));
  made->start();
  return endpoint{{}, 0, true, path};
}

void listener::stop() {
  for (auto& entry : acceptors_) entry->stop();
  acceptors_.clear();
}

}  // namespace troupe::net
