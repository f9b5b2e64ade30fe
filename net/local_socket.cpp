#include "net/local_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace troupe::net {
namespace {

failure system_failure(failure_kind kind, const std::string& what) {
  return {kind, what + ": " + std::strerror(errno)};
}

int open_socket() {
  return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

expected<void> remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return system_failure(failure_kind::denied, "cannot look at " + path);
  }
  if (!S_ISSOCK(found.st_mode))
    return failure{failure_kind::invalid,
                   path + " is no socket: move it away, the server makes its control socket there"};
  if (found.st_uid != ::geteuid())
    return failure{failure_kind::denied, path + " belongs to another user: remove it as that user"};
  const int probe = open_socket();
  if (probe < 0) return system_failure(failure_kind::internal, "cannot open a unix socket");
  const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int why = errno;
  ::close(probe);
  // Only a refusal proves that nobody listens; a full backlog says EAGAIN.
  if (result == 0 || why != ECONNREFUSED)
    return failure{failure_kind::exists,
                   "another server listens on " + path + ": stop it first or use another data directory"};
  if (::unlink(path.c_str()) != 0 && errno != ENOENT)
    return system_failure(failure_kind::denied, "cannot remove the stale socket " + path);
  return {};
}

}  // namespace

expected<int> open_local_socket(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    return failure{failure_kind::invalid, "the control socket's path must have 1 to "
                                              + std::to_string(sizeof address.sun_path - 1)
                                              + " bytes: use a data directory with a shorter path"};
  std::memcpy(address.sun_path, path.data(), path.size());
  if (auto removed = remove_stale(path, address); !removed) return removed.error();
  const int listening = open_socket();
  if (listening < 0) return system_failure(failure_kind::internal, "cannot open a unix socket");
  // Linux gives the file the descriptor's mode, so it is never wider than this.
  const bool bound = ::fchmod(listening, 0600) == 0
                     && ::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
                     && ::chmod(path.c_str(), 0600) == 0 && ::listen(listening, 64) == 0;
  if (bound) return listening;
  auto error = system_failure(errno == EACCES ? failure_kind::denied : failure_kind::internal,
                              "cannot listen on the control socket " + path);
  ::close(listening);
  return error;
}

expected<uid_t> peer_user(int descriptor) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return system_failure(failure_kind::denied, "the kernel does not name the peer's user");
  return credentials.uid;
}

bool peer_may_control(uid_t peer, uid_t own) noexcept {
  return peer == own || peer == 0;
}

}  // namespace troupe::net
