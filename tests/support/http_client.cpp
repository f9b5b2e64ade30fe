#include "support/http_client.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace troupe::test {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

raw_client::raw_client(std::uint16_t port, int receive_buffer) {
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int on = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int why = errno;
    ::close(descriptor_);
    fail(std::string("connect: ") + std::strerror(why));
  }
}

raw_client::raw_client(const std::string& unix_path) {
  descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, unix_path.data(), std::min(unix_path.size(), sizeof address.sun_path - 1));
  if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    const int why = errno;
    ::close(descriptor_);
    fail(std::string("connect: ") + std::strerror(why));
  }
}

raw_client::~raw_client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

raw_client::raw_client(raw_client&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), ahead_(std::move(other.ahead_)) {}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string raw_client::receive_some(std::size_t size, std::chrono::milliseconds timeout) {
  if (!ahead_.empty()) {
    auto out = ahead_.substr(0, size);
    ahead_.erase(0, out.size());
    return out;
  }
  pollfd waiting{descriptor_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) == 0) fail("nothing came in time");
  std::string out(size, '\0');
  const auto got = ::recv(descriptor_, out.data(), size, 0);
  out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return out;
}

std::string raw_client::receive(std::size_t size, std::chrono::milliseconds timeout) {
  std::string out;
  while (out.size() < size) {
    auto part = receive_some(size - out.size(), timeout);
    if (part.empty())
      fail("the connection ended after " + std::to_string(out.size()) + " bytes of " + std::to_string(size));
    out += part;
  }
  return out;
}

std::string raw_client::receive_all(std::chrono::milliseconds timeout) {
  std::string out;
  for (;;) {
    auto part = receive_some(65536, timeout);
    if (part.empty()) return out;
    out += part;
  }
}

std::string raw_client::receive_until(std::string_view mark, std::chrono::milliseconds timeout) {
  std::string out;
  for (;;) {
    const auto from = out.size() < mark.size() ? 0 : out.size() - mark.size();
    auto part = receive_some(65536, timeout);
    if (part.empty()) fail("the connection ended before the mark, after: " + out);
    out += part;
    const auto at = out.find(mark, from);
    if (at == std::string::npos) continue;
    ahead_ = out.substr(at + mark.size()) + ahead_;
    out.resize(at + mark.size());
    return out;
  }
}

std::uint16_t raw_client::local_port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

namespace {

std::string read_chunks(raw_client& from) {
  std::string out;
  for (;;) {
    const auto size = std::stoul(from.receive_until("\r\n"), nullptr, 16);
    out += from.receive(size);
    from.receive_until("\r\n");
    if (size == 0) return out;
  }
}

}  // namespace

http_reply http_client::get(std::string_view target, std::map<std::string, std::string> headers) {
  return request("GET", target, "", std::move(headers));
}

http_reply http_client::post(std::string_view target, std::string_view body,
                             std::map<std::string, std::string> headers) {
  return request("POST", target, body, std::move(headers));
}

http_reply http_client::request(std::string_view method, std::string_view target, std::string_view body,
                                std::map<std::string, std::string> headers) {
  headers.emplace("Host", host_);
  if (!body.empty() || method == "POST" || method == "PUT")
    headers.emplace("Content-Length", std::to_string(body.size()));
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
  for (auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  text += "\r\n";
  text += body;
  raw_.send(text);
  return read_reply(method == "HEAD");
}

http_reply http_client::read_reply(bool head) {
  const auto header = raw_.receive_until("\r\n\r\n");
  http_reply out;
  out.status = static_cast<unsigned>(std::stoul(header.substr(header.find(' ') + 1, 3)));
  for (auto at = header.find("\r\n") + 2; at + 2 < header.size();) {
    const auto end = header.find("\r\n", at);
    const auto colon = header.find(':', at);
    auto value = header.substr(colon + 1, end - colon - 1);
    value.erase(0, value.find_first_not_of(' '));
    out.headers[lower(header.substr(at, colon - at))] = value;
    at = end + 2;
  }
  if (!head && out.headers.contains("content-length"))
    out.body = raw_.receive(std::stoul(out.headers["content-length"]));
  if (!head && out.headers["transfer-encoding"] == "chunked") out.body = read_chunks(raw_);
  return out;
}

}  // namespace troupe::test
