#pragma once

/// \file
/// The mock server aimock as Gemini, Ollama and OpenAI (tests/npm).
///
///     auto& mock = aimock::running();
///     mock.play(R"([{"match":{"endpoint":"chat"},"response":{"content":"Hello"}}])");
///     ... a call ...
///     mock.seen()       the requests so far, as the mock understood them
///
/// One process serves the whole test program; `play` makes it forget what was before.
/// A fixture is { match, response, latency?, chunkSize?, truncateAfterChunks?,
/// recordedTimings?, chaos? }; the first that matches answers. The mock works on
/// OpenAI's form of a request whatever the provider, and shows it in `seen`.
///
/// Thread safety: one thread.

#include "support/http_client.hpp"
#include "support/npm_programs.hpp"
#include "support/peer_program.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json.hpp>

#include <stdexcept>
#include <string>

namespace troupe::test {

class aimock {
 public:
  static aimock& running() {
    static aimock one;
    return one;
  }

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  void play(const std::string& fixtures) {
    control("/__aimock/reset", "{}");
    control("/__aimock/fixtures", "{\"fixtures\":" + fixtures + "}");
  }

  boost::json::array seen() const {
    return boost::json::parse(http_client(port_).get("/__aimock/journal").body).as_array();
  }

 private:
  aimock()
      : program_({{node_program(), npm_file("node_modules/@copilotkit/aimock/dist/cli.js"), "--port", "0", "--host",
                   "127.0.0.1", "--fixtures", folder_.path(), "--log-level", "info"}}),
        port_(program_.wait_port("listening on http://127.0.0.1:")) {}

  void control(const std::string& path, const std::string& body) {
    const auto reply = http_client(port_).post(path, body, {{"content-type", "application/json"}});
    if (reply.status != 200) throw std::runtime_error("aimock refused " + path + ": " + reply.body);
  }

  temporary_folder folder_;
  peer_program program_;
  std::uint16_t port_;
};

}  // namespace troupe::test
