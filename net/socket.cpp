#include "net/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace troupe::net {

void apply_tcp_options(int descriptor, const socket_options& options) noexcept {
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &options.send_buffer, sizeof options.send_buffer);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &options.not_sent_low_water,
               sizeof options.not_sent_low_water);
}

}  // namespace troupe::net
