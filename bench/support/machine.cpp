#include "bench/support/child.hpp"

#include <cstdlib>
#include <ctime>
#include <fstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace troupe::bench {

process_memory memory_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
  process_memory memory;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Rss:")) memory.resident = std::atof(line.c_str() + 4) * 1024;
    if (line.starts_with("Pss:")) memory.proportional = std::atof(line.c_str() + 4) * 1024;
  }
  return memory;
}

double cpu_seconds(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

namespace {

template <class Address>
std::string get(const Address& address, const std::string& path) {
  const int descriptor = ::socket(reinterpret_cast<const sockaddr&>(address).sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const auto request = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    char bytes[4096];
    if (::send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size()))
      for (ssize_t size; (size = ::recv(descriptor, bytes, sizeof bytes, 0)) > 0;)
        answer.append(bytes, static_cast<std::size_t>(size));
  }
  ::close(descriptor);
  const auto body = answer.find("\r\n\r\n");
  return body == answer.npos ? std::string() : answer.substr(body + 4);
}

}  // namespace

std::string http_get(std::uint16_t port, const std::string& path) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return get(address, path);
}

std::string control_get(const std::string& data_dir, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto socket = data_dir + "/troupe.sock";
  if (socket.size() >= sizeof address.sun_path) return {};
  socket.copy(address.sun_path, socket.size());
  return get(address, path);
}

}  // namespace troupe::bench
