/// Requests that are refused before a byte is sent, and which way the others go.

#include "reader.hpp"

#include <cstdlib>

using namespace troupe;
using namespace troupe::test;

namespace {

failure refusal(http_request request) {
  auto client = make_client();
  // At once: the first poll has the end.
  auto transfer = client->open(std::move(request), [] {});
  auto event = transfer->poll();
  CHECK(event.kind == http_transfer::event_kind::ended);
  return event.error;
}

/// A variable of the environment, put back at the end.
class variable {
 public:
  variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  ~variable() {
    if (before_)
      ::setenv(name_, before_->c_str(), 1);
    else
      ::unsetenv(name_);
  }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace

TEST_CASE("only http and https without credentials are asked for") {
  const std::string rest[] = {"ftp://host/x", "file:///etc/passwd", "host/x", "", "http://", "http:///x", "gopher://h"};
  for (auto& url : rest) {
    CAPTURE(url);
    CHECK(refusal(get(url)).kind == failure_kind::invalid);
  }
  for (const std::string url :
       {"http://user@host/", "http://user:secret@host/", "https://@host/", "http://:secret@host"}) {
    CAPTURE(url);
    CHECK(refusal(get(url))
          == failure{failure_kind::invalid, "the URL of the request may hold no user name or password"});
  }
  CHECK(refusal(get("http://ho st/")).kind == failure_kind::invalid);
  CHECK(refusal(get("http://host/a\r\nX: y")).kind == failure_kind::invalid);
  CHECK(refusal(get(std::string("http://host/a\0b", 15))).kind == failure_kind::invalid);
  CHECK(refusal(get("http://host:99999/")).kind == failure_kind::invalid);
}

TEST_CASE("headers and methods that would break the request are refused") {
  const std::pair<std::string, std::string> broken[] = {
      {"X", "a\r\nY: b"}, {"X", "a\nb"}, {"X", "a\r"}, {"X", std::string("a\0b", 3)}, {"X\r\nY", "a"},
      {"X Y", "a"},       {"X:", "a"},   {"", "a"},    {"Content-Length", "3"},       {"transfer-encoding", "chunked"}};
  for (auto& header : broken) {
    auto request = get("http://127.0.0.1:1/");
    request.headers = {{"Fine", "yes"}, header};
    const auto error = refusal(request);
    CHECK(error.kind == failure_kind::invalid);
    CHECK(error.message.starts_with("header 2 of the request: "));
  }
  for (const std::string method : {"", "GET /", "GET\r\n", "G T"}) {
    auto request = get("http://127.0.0.1:1/");
    request.method = method;
    CHECK(refusal(request).kind == failure_kind::invalid);
  }
}

TEST_CASE("a proxy of the environment is used, except for loopback and what no_proxy names") {
  scripted_http_server proxy(answering(http_answer(200, "from the proxy")));
  scripted_http_server server(answering(http_answer(200, "direct")));
  const variable one("http_proxy", proxy.url());
  const variable two("no_proxy", "direct.invalid");
  auto client = make_client();
  CHECK(fetch(*client, get("http://somewhere.invalid/path")).body == "from the proxy");
  REQUIRE(proxy.requests().size() == 1);
  CHECK(proxy.requests()[0].path == "http://somewhere.invalid/path");
  CHECK(fetch(*client, get("http://" + std::string(64, 'a') + ".direct.invalid/")).error.kind
        == failure_kind::unavailable);
  for (const std::string host : {"127.0.0.1", "localhost", "LOCALHOST", "127.1"})
    CHECK(fetch(*client, get("http://" + host + ":" + std::to_string(server.port()) + "/")).body == "direct");
  CHECK(proxy.requests().size() == 1);
}

TEST_CASE("a proxy that refuses to connect is unavailable, not an answer") {
  scripted_http_server proxy(answering(http_answer(403, "no")));
  const variable one("https_proxy", proxy.url());
  auto client = make_client();
  const auto answer = fetch(*client, get("https://somewhere.invalid/path"));
  CHECK(answer.error.kind == failure_kind::unavailable);
  CHECK(answer.head.status == 0);
  REQUIRE(proxy.requests().size() == 1);
  CHECK(proxy.requests()[0].method == "CONNECT");
}
