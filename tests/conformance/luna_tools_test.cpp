/// Luna contract, sections 11.4 and 12: the internal MCP route.

#include "support/catch.hpp"
#include "support/live_server.hpp"

using namespace troupe::test;

namespace {

struct tool_client {
  luna_client socket;
  std::string id;
};

tool_client come(live_server& server) {
  auto socket = server.connect();
  const auto line = server.next_log_line("client_connected");
  const auto at = line.find("client=");
  REQUIRE(at != line.npos);
  return {std::move(socket), line.substr(at + 7, 36)};
}

std::string path(const std::string& id, const std::string& name = "filesystem") {
  return "/mcp/" + id + "/" + name;
}

std::string call(int number) {
  return R"({"jsonrpc":"2.0","id":)" + std::to_string(number) + R"(,"method":"tools/call","params":{"p":"ü"}})";
}

/// A caller that has asked and not yet read its answer.
http_client ask(live_server& server, const std::string& target, const std::string& body) {
  auto http = server.http();
  http.raw().send("POST " + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port())
                  + "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n"
                  + body);
  return http;
}

std::string reply_to(const json::object& request, const std::string& text, bool newer = false) {
  const auto fields = R"("request_id":)" + troupe::test::quoted(text_of(request, "request_id"))
                      + R"(,"data":{"jsonrpc":"2.0","id":)" + json::serialize(request.at("data").as_object().at("id"))
                      + R"(,"result":)" + troupe::test::quoted(text) + "}";
  return newer ? R"({"type":"mcp_response","payload":{)" + fields + "}}" : R"({"type":"mcp_response",)" + fields + "}";
}

}  // namespace

TEST_CASE("a call reaches the client as mcp_request and its answer comes back whole") {
  live_server server;
  auto client = come(server);
  for (const bool newer : {false, true}) {
    auto http = ask(server, path(client.id, newer ? "google" : "filesystem"), call(3));
    const auto request = client.socket.next();
    CHECK(fields_of(request) == "data mcp_name request_id type");
    CHECK(type_of(request) == "mcp_request");
    CHECK(text_of(request, "mcp_name") == (newer ? "google" : "filesystem"));
    CHECK(text_of(request, "request_id").size() == 36);
    CHECK(request.at("data") == json::parse(call(3)));
    client.socket.send(reply_to(request, "done", newer));
    const auto reply = http.read_reply();
    CHECK(reply.status == 200);
    CHECK(reply.headers.at("content-type") == "application/json");
    CHECK(object_of(reply.body) == object_of(R"({"jsonrpc":"2.0","id":3,"result":"done"})"));
  }
}

TEST_CASE("two clients' calls in flight never get each other's answers, also in reverse order") {
  live_server server;
  auto anna = come(server);
  auto ben = come(server);
  REQUIRE(anna.id != ben.id);
  std::vector<http_client> callers;
  std::vector<std::pair<tool_client*, json::object>> requests;
  for (int number = 0; number < 12; ++number) {
    auto& client = number % 2 ? ben : anna;
    callers.push_back(ask(server, path(client.id), call(number)));
    requests.emplace_back(&client, client.socket.next());
    CHECK(requests.back().second.at("data").as_object().at("id") == number);
  }
  // Somebody else's request id is nobody's: it must not end the other's call.
  ben.socket.send(reply_to(requests[0].second, "of ben"));
  CHECK(ben.socket.silent());
  for (auto each = requests.rbegin(); each != requests.rend(); ++each)
    each->first->socket.send(reply_to(each->second, each->first == &ben ? "of ben" : "of anna"));
  for (int number = 0; number < 12; ++number) {
    const auto body = object_of(callers[static_cast<std::size_t>(number)].read_reply().body);
    CHECK(body.at("id") == number);
    CHECK(text_of(body, "result") == (number % 2 ? "of ben" : "of anna"));
  }
}

TEST_CASE("a client that leaves fails its waiting calls at once, and no other's") {
  live_server server;
  auto anna = come(server);
  auto ben = come(server);
  auto first = ask(server, path(anna.id), call(1));
  auto second = ask(server, path(anna.id), call(2));
  auto others = ask(server, path(ben.id), call(3));
  anna.socket.next();
  anna.socket.next();
  const auto request = ben.socket.next();
  anna.socket.socket().drop();
  for (auto* caller : {&first, &second}) {
    const auto reply = caller->read_reply();  // well before the 30 s of an answer that does not come
    CHECK(reply.status == 404);
    CHECK(object_of(reply.body) == object_of(R"({"detail":"Client not connected"})"));
  }
  CHECK(server.http().post(path(anna.id), call(4)).status == 404);
  ben.socket.send(reply_to(request, "still here"));
  CHECK(text_of(object_of(others.read_reply().body), "result") == "still here");
}

TEST_CASE("a notification is passed on and answered 202 with an empty body at once") {
  live_server server;
  auto client = come(server);
  const auto reply = server.http().post(path(client.id), R"({"jsonrpc":"2.0","method":"notifications/initialized"})");
  CHECK(reply.status == 202);
  CHECK(reply.body.empty());
  const auto request = client.socket.next();
  CHECK(type_of(request) == "mcp_request");
  CHECK(text_of(request.at("data").as_object(), "method") == "notifications/initialized");
}

TEST_CASE("the route's refusals are the contract's") {
  live_server server;
  auto client = come(server);
  const auto check = [&](const http_reply& reply, unsigned status, const std::string& detail) {
    CHECK(reply.status == status);
    CHECK(reply.headers.at("content-type") == "application/json");
    if (!detail.empty()) CHECK(text_of(object_of(reply.body), "detail") == detail);
  };
  const std::string nobody = "00000000-0000-4000-8000-000000000000";
  check(server.http().post(path(nobody), call(1)), 404, "Client not connected");
  check(server.http().post(path(nobody, "other"), "x"), 404, "Client not connected");
  check(server.http().post(path(client.id, "other"), call(1)), 400, "Unknown MCP name");
  for (const std::string body : {"", "{", "[]", "7", "null", "\"x\""}) {
    INFO(body);
    check(server.http().post(path(client.id), body), 400, "");
  }
  const auto get = server.http().get(path(client.id));
  check(get, 405, "Method Not Allowed");
  CHECK(get.headers.at("allow") == "POST");
  CHECK(client.socket.silent());
}

TEST_CASE("an empty answer is told as the contract says, and unmatched answers are dropped") {
  live_server server;
  auto client = come(server);
  auto http = ask(server, path(client.id), call(1));
  const auto id = troupe::test::quoted(text_of(client.socket.next(), "request_id"));
  client.socket.send(R"({"type":"mcp_response","request_id":"another","data":{"id":1}})");
  client.socket.send(R"({"type":"mcp_response","data":{"id":1}})");
  client.socket.send(R"({"type":"some_other_response","request_id":)" + id + R"(,"data":null})");
  const auto reply = http.read_reply();
  CHECK(reply.status == 200);
  CHECK(object_of(reply.body) == object_of(R"({"error":"Empty response data"})"));
  client.socket.send(R"({"type":"mcp_response","request_id":)" + id + R"(,"data":{"id":1}})");
  CHECK(client.socket.silent());
}

TEST_CASE("the 65th waiting call of a client is refused and the others go on") {
  live_server server;
  auto client = come(server);
  std::vector<http_client> callers;
  std::vector<json::object> requests;
  for (int number = 0; number < 64; ++number) {
    callers.push_back(ask(server, path(client.id), call(number)));
    requests.push_back(client.socket.next());
  }
  const auto refused = server.http().post(path(client.id), call(64));
  CHECK(refused.status == 503);
  CHECK(text_of(object_of(refused.body), "detail").find("Busy:") == 0);
  for (auto& request : requests) client.socket.send(reply_to(request, "ok"));
  for (auto& caller : callers) CHECK(caller.read_reply().status == 200);
}
