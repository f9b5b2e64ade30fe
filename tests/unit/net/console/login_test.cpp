/// docs/console.md, "Who may": logins, cookies, what keeps other pages out, and
/// the slowing down of guesses.

#include "console_fixture.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

std::map<std::string, std::string> with(const std::string& cookie, std::map<std::string, std::string> more = {}) {
  more.emplace("Cookie", "theme=dark; " + cookie + "; other=1");
  return more;
}

const std::string overview = "/console/api/overview";
const std::string pause_one = "/console/api/actors/1/pause";

}  // namespace

TEST_CASE("a login gives a cookie that scripts do not see and other sites do not send") {
  console_server server;
  const auto reply = server.log_in("see-secret");
  CHECK(reply.status == 200);
  const auto& cookie = reply.headers.at("set-cookie");
  CHECK(cookie.starts_with("troupe_console="));
  CHECK(cookie.find(';') == std::string("troupe_console=").size() + 64);
  CHECK(cookie.ends_with("; Path=/console; HttpOnly; SameSite=Strict; Max-Age=43200"));
  CHECK(reply.headers.at("cache-control") == "no-store");
  const auto expires = std::to_string(server.clock.wall_ms() + 12 * 3600 * 1000);
  const auto expected = R"({"operator":"token:see","scopes":["read"],"version":"1.2.3","started_at":)"
                        + std::to_string(server.clock.wall_ms()) + R"(,"expires_at":)" + expires + R"(,"cost_us":0})";
  CHECK(reply.body == expected);
  CHECK(server.http().get("/console/api/me", with(cookie.substr(0, cookie.find(';')))).body == expected);
  CHECK(has(server.http().get("/console/api/me", bearer("do-secret")).body, R"("expires_at":null)"));
}

TEST_CASE("the cookie is for TLS only when the connection or the page is") {
  console_server server;
  CHECK(
      has(server.log_in("see-secret", {{"Origin", "https://" + server.host()}}).headers.at("set-cookie"), "; Secure"));
  CHECK_FALSE(
      has(server.log_in("see-secret", {{"Origin", "http://" + server.host()}}).headers.at("set-cookie"), "; Secure"));
  console_server secure([](auto& services, auto&) { services.secure = true; });
  CHECK(has(secure.log_in("see-secret").headers.at("set-cookie"), "; Secure"));
}

TEST_CASE("a login that breaks a rule gets no cookie") {
  console_server server;
  const auto login = [&](const std::string& body, const std::string& type) {
    const auto reply = server.http().post("/console/api/login", body, {{"Content-Type", type}});
    CHECK_FALSE(reply.headers.contains("set-cookie"));
    return reply.status;
  };
  CHECK(login(R"({"token":"see-secret"})", "text/plain") == 415);
  CHECK(login(R"({"token":7})", "application/json") == 400);
  CHECK(login("{}", "application/json") == 400);
  CHECK(login("", "application/json") == 400);
  CHECK(login(R"({"token":"guest-secret"})", "application/json") == 403);
  CHECK(login(R"({"token":"nobody-secret"})", "application/json") == 401);
  CHECK(server.log_in("see-secret", {{"Origin", "http://localhost:5173"}}).status == 403);
  CHECK(server.log_in("see-secret", {{"Origin", "null"}}).status == 403);
}

TEST_CASE("a request with a cookie must come from the console's own page, and a change must say so") {
  console_server server;
  const auto cookie = server.cookie("do-secret");
  const auto own = "http://" + server.host();
  CHECK(server.status(overview, with(cookie)) == 200);
  CHECK(server.status(overview, with(cookie, {{"Origin", own}})) == 200);
  // Admission takes pages of this machine, whose browsers send the cookie along.
  CHECK(server.status(overview, with(cookie, {{"Origin", "http://localhost:5173"}})) == 403);
  CHECK(server.status(overview, with(cookie, {{"Origin", "null"}})) == 403);
  CHECK(server.post_status(pause_one, with(cookie)) == 403);
  CHECK(server.post_status(pause_one, with(cookie, {{"x-troupe-console", "0"}})) == 403);
  CHECK(server.post_status(pause_one, with(cookie, {{"x-troupe-console", "1"}})) == 200);
  CHECK(server.post_status(pause_one, with(cookie, {{"x-troupe-console", "1"}, {"Origin", own}})) == 200);
  CHECK(server.post_status(pause_one, with(cookie, {{"x-troupe-console", "1"}, {"Origin", "http://localhost:5173"}}))
        == 403);
  CHECK(server.post_status(pause_one, with(server.cookie("see-secret"), {{"x-troupe-console", "1"}})) == 403);
  CHECK(server.inspector.times("actors") == 2);
}

TEST_CASE("a session ends by logout, by the next login, after 12 hours and with its token") {
  console_server server;
  const auto cookie = server.cookie("see-secret");
  CHECK(server.post_status("/console/api/logout", with(cookie)) == 403);
  SECTION("logout") {
    const auto reply = server.http().post("/console/api/logout", "", with(cookie, {{"x-troupe-console", "1"}}));
    CHECK(reply.status == 204);
    CHECK(reply.body.empty());
    CHECK(reply.headers.at("set-cookie").starts_with("troupe_console=; Path=/console;"));
    CHECK(has(reply.headers.at("set-cookie"), "Max-Age=0"));
  }
  SECTION("the next login") {
    CHECK(server.log_in("do-secret", with(cookie)).status == 200);
  }
  SECTION("time") {
    server.move_seconds(12 * 3600 - 1);
    CHECK(server.status(overview, with(cookie)) == 200);
    server.move_seconds(1);
  }
  SECTION("its token is removed") {
    server.tokens.remove("see");
  }
  SECTION("its token is made again under the same name") {
    server.tokens.add("see", token_scope::read, 2);
  }
  SECTION("its token gets another scope") {
    server.tokens.add("see", token_scope::client);
  }
  CHECK(server.status(overview, with(cookie)) == 401);
}

TEST_CASE("wrong tokens are slowed down per address, right ones of that address too, logins that are open are not") {
  console_server server;
  const auto cookie = server.cookie("see-secret");
  for (int i = 0; i < 5; ++i) {
    CHECK(server.log_in("wrong").status == 401);
  }
  for (std::int64_t wait = 1; wait <= 900; wait = std::min<std::int64_t>(wait * 2, wait < 900 ? 900 : 901)) {
    const auto refused = server.log_in("see-secret");
    CHECK(refused.status == 429);
    CHECK(refused.headers.at("retry-after") == std::to_string(wait));
    CHECK(server.status(overview, bearer("see-secret")) == 429);
    CHECK(server.status(overview, with(cookie)) == 200);
    server.move_seconds(wait - 1);
    CHECK(server.log_in("wrong").status == 429);
    server.move_seconds(1);
    CHECK(server.log_in("wrong").status == 401);
  }
  server.move_seconds(900);
  CHECK(server.log_in("see-secret").status == 200);
  CHECK(server.log_in("wrong").status == 401);  // the count begins anew
  CHECK(server.log_in("see-secret").status == 200);
}

TEST_CASE("wrong tokens in headers count as well") {
  console_server server;
  for (int i = 0; i < 5; ++i) CHECK(server.status(overview, bearer("wrong")) == 401);
  CHECK(server.status(overview, bearer("wrong")) == 429);
  CHECK(server.log_in("see-secret").status == 429);
  server.move_seconds(1);
  CHECK(server.status(overview, bearer("see-secret")) == 200);
}

TEST_CASE("peers are slowed down by address, those of one IPv6 network together, and forgotten in time") {
  test_clock clock;
  console::login_throttle throttle(clock);
  const auto fail = [&](const std::string& peer, int times) {
    for (int i = 0; i < times; ++i) throttle.failed(peer);
  };
  fail("2001:db8::1", 3);
  fail("2001:db8::2:7", 2);
  CHECK(throttle.wait_s("2001:db8::9") == 1);
  CHECK(throttle.wait_s("2001:db8:0:1::1") == 0);
  fail("::ffff:192.0.2.1", 5);
  CHECK(throttle.wait_s("::ffff:192.0.2.1") == 1);
  CHECK(throttle.wait_s("::ffff:192.0.2.2") == 0);
  fail("192.0.2.9", 100);
  CHECK(throttle.wait_s("192.0.2.9") == 900);
  clock.move(899'000'000'001);
  CHECK(throttle.wait_s("192.0.2.9") == 1);
  clock.move(901'000'000'000);
  fail("192.0.2.9", 4);
  CHECK(throttle.wait_s("192.0.2.9") == 0);
  throttle.succeeded("192.0.2.9");
  fail("192.0.2.9", 4);
  CHECK(throttle.wait_s("192.0.2.9") == 0);
}

TEST_CASE("the memory of failed logins and of sessions has a bound") {
  test_clock clock;
  console::login_throttle throttle(clock, 10);
  for (int i = 0; i < 100; ++i) {
    clock.move(1'000'000);
    throttle.failed("10.0.0." + std::to_string(i));
  }
  CHECK(throttle.size() == 10);
  test_random random;
  console::session_table sessions(clock, random, 10);
  std::vector<std::string> cookies;
  for (int i = 0; i < 11; ++i) {
    clock.move(1'000'000'000);
    cookies.push_back(sessions.open({"anna", token_scope::read, 1}).cookie);
  }
  CHECK(sessions.size() == 10);
  CHECK_FALSE(sessions.find(cookies[0]).has_value());
  CHECK(sessions.find(cookies[1]).has_value());
  CHECK_FALSE(sessions.find("").has_value());
  CHECK_FALSE(sessions.find(cookies[1] + "0").has_value());
  CHECK_FALSE(has(sessions.find(cookies[1])->id, cookies[1]));
}
