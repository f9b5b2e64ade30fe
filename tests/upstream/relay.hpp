#pragma once

/// \file
/// A server between a client and aimock, which does not tell when a client leaves.

#include "support/http_client.hpp"
#include "support/scripted_http_server.hpp"

#include <string>

namespace troupe::test {

/// Passes one request on to `port`, its answer back up to the end of the piece
/// with `mark` in it, and then waits for the client to leave.
inline peer_script relay_up_to(std::uint16_t port, std::string mark) {
  return [port, mark](peer& client) {
    const auto request = client.read_request();
    if (!request) return;
    auto text = request->method + " " + request->path + " HTTP/1.1\r\n";
    for (auto& [name, value] : request->headers) text += name + ": " + value + "\r\n";
    raw_client server(port);
    server.send(text + "\r\n" + request->body);
    auto bytes = server.receive_until(mark);
    bytes += server.receive_until("\r\n");
    client.send(bytes);
    client.wait_closed();
  };
}

}  // namespace troupe::test
