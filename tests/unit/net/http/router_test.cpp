#include "net/http/router.hpp"

#include "support/catch.hpp"

using namespace troupe::net;

namespace {
request_target target(std::string_view text) {
  return parse_target(text).value();
}
void nothing(const http_request&, std::shared_ptr<http_responder>) {}
}  // namespace

TEST_CASE("targets are taken apart and decoded") {
  const auto t = target("/a%20b/c%2Fd?x=1&y=%C3%BC+z&token=t&empty");
  CHECK(t.path == "/a b/c/d");
  CHECK(t.segments == std::vector<std::string>{"a b", "c/d"});
  CHECK(t.parameter("y") == "ü z");
  CHECK(t.parameter("empty") == "");
  CHECK_FALSE(t.parameter("none").has_value());
  CHECK(target("/?x=/a").path == "/");
  for (auto* bad : {"", "a", "*", "http://x/", "/%", "/%4", "/%zz", "/?x=%g0", "/a%00b"})
    CHECK_FALSE(parse_target(bad).has_value());
}

TEST_CASE("a fixed path beats a parameter, and parameters are handed over") {
  router r;
  r.add("GET", "/mcp/{client}/{name}", nothing);
  r.add("GET", "/mcp/own/list", nothing);
  r.add("GET", "/files/{path...}", nothing);
  auto found = r.find("GET", target("/mcp/c1/time%2Fnow"));
  REQUIRE(found.route);
  CHECK(found.parameters["client"] == "c1");
  CHECK(found.parameters["name"] == "time/now");
  CHECK(r.find("GET", target("/mcp/own/list")).parameters.empty());
  CHECK(r.find("GET", target("/files/a/b.js")).parameters["path"] == "a/b.js");
  CHECK_FALSE(r.find("GET", target("/mcp/c1")).route);
  CHECK_FALSE(r.find("GET", target("/mcp//x")).route);
  CHECK_FALSE(r.find("GET", target("/mcp/a/b/c")).route);
}

TEST_CASE("GET answers HEAD and the allowed methods are listed") {
  router r;
  r.add("POST", "/x", nothing);
  r.add("GET", "/x", nothing);
  CHECK(r.find("HEAD", target("/x")).route);
  CHECK_FALSE(r.find("PUT", target("/x")).route);
  CHECK(r.allowed_methods(target("/x")) == "GET, HEAD, POST");
  CHECK(r.allowed_methods(target("/y")).empty());
}

TEST_CASE("errors take the body of the longest prefix") {
  router r;
  r.render_errors("/api", [](unsigned, std::string_view) { return http_response{200, "api"}; });
  r.render_errors("/api/v1", [](unsigned, std::string_view) { return http_response{200, "v1"}; });
  CHECK(r.error("/api/v1/x", 404, "Not Found").body == "v1");
  CHECK(r.error("/api/x", 404, "Not Found").status == 404);
  CHECK(r.error("/x", 404, "Not \"Found\"").body == R"({"detail":"Not \"Found\""})");
}

TEST_CASE("a responder answers once, and 500 if it is dropped") {
  std::vector<unsigned> answers;
  auto sink = [&](http_response r) { answers.push_back(r.status); };
  {
    http_responder once(sink);
    CHECK(once.respond({201, ""}));
    CHECK_FALSE(once.respond({202, ""}));
  }
  { http_responder dropped(sink); }
  CHECK(answers == std::vector<unsigned>{201, 500});
}
