/// docs/console.md, "Who may" and "The interface", but for logins.

#include "console_fixture.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_CASE("only an operator's token sees, and only one with the scope act acts") {
  struct row {
    const char* what;
    std::map<std::string, std::string> headers;
    unsigned look;
    unsigned act;
  };
  const row table[] = {
      {"nothing", {}, 401, 401},
      {"a read token", bearer("see-secret"), 200, 403},
      {"an act token", bearer("do-secret"), 200, 200},
      {"a scheme in other letters", {{"Authorization", "bEARER  do-secret"}}, 200, 200},
      {"a client's token", bearer("guest-secret"), 403, 403},
      {"a wrong token", bearer("see-secret2"), 401, 401},
      {"an empty token", bearer(""), 401, 401},
      {"another scheme", {{"Authorization", "Basic c2VlLXNlY3JldA=="}}, 401, 401},
      {"a made-up cookie", {{"Cookie", "troupe_console=" + std::string(64, '0')}}, 401, 401},
  };
  console_server server;
  for (auto& r : table) {
    INFO(r.what);
    const auto look = server.http().get("/console/api/overview", r.headers);
    CHECK(look.status == r.look);
    CHECK(look.headers.at("cache-control") == "no-store");
    CHECK(has(look.body, "detail") == (r.look != 200));
    CHECK(look.headers.contains("www-authenticate") == (r.look == 401));
    CHECK_FALSE(has(look.body, "secret"));
    CHECK(server.post_status("/console/api/actors/1/pause", r.headers) == r.act);
  }
  CHECK(server.inspector.times("overview") == 3);
  CHECK(server.inspector.times("actors") == 2);
}

TEST_CASE("a token in the query opens no request") {
  console_server server;
  CHECK(server.status("/console/api/overview?token=do-secret") == 401);
}

TEST_CASE("the control socket's owner sees and acts without a token") {
  console_server server;
  CHECK(server.local().get("/console/api/overview").status == 200);
  CHECK(server.local().post("/console/api/actors/1/pause", "").status == 200);
  const auto asked = server.inspector.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0].who == "operator");
  CHECK(asked[1].may_act);
  CHECK(has(server.local().get("/console/api/me").body, R"("operator":"operator","scopes":["read","act"])"));
}

TEST_CASE("AUTH=off opens the clients' routes and not the console") {
  console_server server([](auto&, auto& options) { options.admission.auth_off = true; });
  CHECK(server.status("/console/api/overview") == 401);
  CHECK(server.status("/console/api/overview", bearer("see-secret")) == 200);
}

TEST_CASE("an operator's token opens no client's route") {
  console_server server;
  const auto upgrade = [&](const std::string& token) {
    try {
      ws_client client(server.port(), "/echo?token=" + token);
      return 101u;
    } catch (const ws_refused& refused) {
      return refused.status;
    }
  };
  CHECK(upgrade("guest-secret") == 101);
  CHECK(upgrade("do-secret") == 403);
  CHECK(server.http().post("/body/x", "y", bearer("see-secret")).status == 401);
}

TEST_CASE("a request becomes one question, taken apart and decoded, without any token") {
  console_server server;
  CHECK(server.status("/console/api/actors/a%2Fb?q=two+w%C3%B6rds&sort=mailbox&token=see-secret", bearer("see-secret"))
        == 200);
  CHECK(server.http()
            .post("/console/api/actors/7/log", R"({"level":"debug"})",
                  {{"Authorization", "Bearer do-secret"}, {"Content-Type", "Application/JSON; charset=utf-8"}})
            .status
        == 200);
  const auto asked = server.inspector.asked();
  REQUIRE(asked.size() == 2);
  CHECK(asked[0]
        == inspect_query{{"actors", "a/b"}, {{"q", "two wörds"}, {"sort", "mailbox"}}, false, "", "token:see", false});
  CHECK(asked[1] == inspect_query{{"actors", "7", "log"}, {}, true, R"({"level":"debug"})", "token:do", true});
}

TEST_CASE("the inspector's status and body go out as they are, when they come") {
  console_server server;
  server.inspector.answer("turns", [](auto&) { return inspect_answer{409, R"({"detail":"the turn has ended"})"}; });
  server.inspector.hold("turns");
  auto client = server.http();
  client.raw().send("GET /console/api/turns/1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer see-secret\r\n\r\n");
  REQUIRE(server.inspector.wait_asked("turns", 1));
  server.inspector.release();
  const auto reply = client.read_reply();
  CHECK(reply.status == 409);
  CHECK(reply.body == R"({"detail":"the turn has ended"})");
  CHECK(reply.headers.at("content-type") == "application/json");
}

TEST_CASE("a broken request is told which part broke which rule, and the inspector is not asked") {
  console_server server;
  const auto post = [&](const std::string& body, const std::string& type) {
    return server.http().post("/console/api/actors/1/log", body,
                              {{"Authorization", "Bearer do-secret"}, {"Content-Type", type}});
  };
  CHECK(post("{}", "text/plain").status == 415);
  CHECK(post("{", "application/json").status == 400);
  CHECK(post("[1]", "application/json").status == 400);
  CHECK(post("{\"a\":\"" + std::string(64 * 1024, 'x') + "\"}", "application/json").status == 413);
  const auto twice = server.http().get("/console/api/actors?limit=1&limit=2", bearer("see-secret"));
  CHECK(twice.status == 400);
  CHECK(has(twice.body, "limit: "));
  for (const char* path : {"/console/api/", "/console/api/actors/", "/console/api//actors"})
    CHECK(server.status(path, bearer("see-secret")) == 404);
  for (const char* path : {"/console/api/login", "/console/api/logout"})
    CHECK(server.status(path, bearer("see-secret")) == 405);
  CHECK(server.post_status("/console/api/me", bearer("do-secret")) == 405);
  CHECK(server.inspector.asked().empty());
}

TEST_CASE("metrics are for every token and for this machine, and 404 where there are none") {
  const auto with_metrics = [](auto& services, auto& options) {
    services.metrics_text = [](auto done) { done("troupe_actors 3\n"); };
    options.admission.auth_always = true;
  };
  console_server server(with_metrics);
  const auto reply = server.http().get("/metrics", bearer("see-secret"));
  CHECK(reply.status == 200);
  CHECK(reply.body == "troupe_actors 3\n");
  CHECK(reply.headers.at("content-type").starts_with("text/plain; version=0.0.4"));
  CHECK(server.status("/metrics", bearer("guest-secret")) == 200);
  CHECK(server.status("/metrics", bearer("nobody-secret")) == 401);
  CHECK(server.status("/metrics") == 401);
  console_server loopback([](auto& services, auto&) { services.metrics_text = [](auto done) { done("x 1\n"); }; });
  CHECK(loopback.status("/metrics") == 200);
  CHECK(console_server().status("/metrics", bearer("see-secret")) == 404);
}
