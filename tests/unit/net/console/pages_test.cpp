/// The pages: docs/console.md, issue "Web console".

#include "console_fixture.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_CASE("pages come with their type and a policy that lets nothing foreign or inline run") {
  console_server server;
  const auto page = server.http().get("/console/");
  CHECK(page.status == 200);
  CHECK(page.body == "<!doctype html><title>console</title>");
  CHECK(page.headers.at("content-type") == "text/html; charset=utf-8");
  CHECK(page.headers.at("x-content-type-options") == "nosniff");
  CHECK(page.headers.at("referrer-policy") == "no-referrer");
  CHECK(page.headers.at("x-frame-options") == "DENY");
  const auto& policy = page.headers.at("content-security-policy");
  CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"));
  CHECK(has(policy, "frame-ancestors 'none'"));
  CHECK_FALSE(has(policy, "unsafe"));
  CHECK(server.http().get("/console/index.html").body == page.body);
  const auto script = server.http().get("/console/js/app.js");
  CHECK(script.body == "export {};");
  CHECK(script.headers.at("content-type") == "text/javascript; charset=utf-8");
}

TEST_CASE("the console is found without the slash") {
  console_server server;
  const auto reply = server.http().get("/console");
  CHECK(reply.status == 308);
  CHECK(reply.headers.at("location") == "/console/");
}

TEST_CASE("a page that the browser has is not sent again") {
  console_server server;
  const auto tag = server.http().get("/console/").headers.at("etag");
  CHECK(tag.size() == 34);
  CHECK(server.http().get("/console/js/app.js").headers.at("etag") != tag);
  for (const auto& known : {tag, "W/" + tag, "\"x\", " + tag + ", \"y\"", std::string("*")}) {
    const auto reply = server.http().get("/console/", {{"If-None-Match", known}});
    CHECK(reply.status == 304);
    CHECK(reply.body.empty());
    CHECK(reply.headers.at("etag") == tag);
  }
  CHECK(server.status("/console/", {{"If-None-Match", "\"x\""}}) == 200);
  auto client = server.http();
  CHECK(client.request("HEAD", "/console/", "").headers.at("content-length") == "37");
  CHECK(client.get("/console/").status == 200);  // nothing was left over on the wire
}

TEST_CASE("no path leads out of the pages") {
  console_server server;
  for (const char* path :
       {"/console/none.html", "/console/../console/index.html", "/console/%2e%2e/index.html", "/console/..%2f..%2fetc",
        "/console//index.html", "/console/js/", "/console/js/../index.html", "/console/js%2Fapp.js%00.html",
        "/console/INDEX.HTML", "/console/index.html/"}) {
    INFO(path);
    const auto status = server.status(path);
    CHECK((status == 404 || status == 400));
  }
}
