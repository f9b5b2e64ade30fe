#include "bench/support/child.hpp"

#include <cstdlib>
#include <fstream>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
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
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto name_end = text.rfind(')');
  if (name_end == text.npos) return 0;
  // Fields 14 and 15 of proc(5), counted from the state, which is the third.
  auto at = name_end + 2;
  for (int field = 3; field < 14; ++field) at = text.find(' ', at) + 1;
  const double user = std::atof(text.c_str() + at);
  const double kernel = std::atof(text.c_str() + text.find(' ', at));
  return (user + kernel) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::string http_get(std::uint16_t port, const std::string& path) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  std::string answer;
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
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

}  // namespace troupe::bench
