#pragma once

/// \file
/// The file side of the unix-domain control socket (DESIGN §6, Local control).
/// Thread safety: free functions over the file system; call them at start and stop.

#include "runtime/failure.hpp"

#include <sys/types.h>

#include <string>

namespace troupe::net {

/// A listening descriptor on `path`, mode 0600 before anyone can connect.
///
/// A socket file left by a dead server is removed; a live one, a file of
/// another kind or of another user is not.
/// Errors: `exists` another server listens there; `invalid` path too long or no
/// socket; `denied` not ours or not writable; `internal` the rest.
expected<int> open_local_socket(const std::string& path);

/// The user at the other end (SO_PEERCRED); `denied` if the kernel does not say.
expected<uid_t> peer_user(int descriptor);

/// Operators are the server's own user and root.
bool peer_may_control(uid_t peer, uid_t own) noexcept;

}  // namespace troupe::net
