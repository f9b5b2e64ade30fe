#include "net/admission.hpp"

#include "support/catch.hpp"

using namespace troupe::net;

namespace {

struct row {
  const char* what;
  bool loopback_bind;
  const char* bound;
  const char* host;
  const char* origin;
  const char* token;
  troupe::net::access needs;
  bool upgrade;
  unsigned status;
  const char* principal;
};

admission_rules rules() {
  admission_rules out;
  out.listed_hosts = {"troupe.example.org"};
  out.listed_origins = {"https://app.example.org", "studio.example.org"};
  out.verify = [](std::string_view token) -> std::optional<std::string> {
    if (token == "right") return "desk";
    return std::nullopt;
  };
  return out;
}

admission_request ask(const row& r) {
  admission_request out;
  out.bound_to_loopback = r.loopback_bind;
  out.bound_host = r.bound;
  out.bound_to_any = std::string_view(r.bound) == "0.0.0.0";
  if (r.host) out.host = r.host;
  if (r.origin) out.origin = r.origin;
  if (r.token) out.query_token = r.token;
  out.needs = r.needs;
  out.upgrade = r.upgrade;
  return out;
}

constexpr auto token = troupe::net::access::token;
constexpr auto open_route = troupe::net::access::open;

const row table[] = {
    {"a local client", true, "127.0.0.1", "127.0.0.1:8765", nullptr, nullptr, token, false, 0, "local"},
    {"a local client by name", true, "127.0.0.1", "LOCALHOST:8765", nullptr, nullptr, token, false, 0, "local"},
    {"a name below localhost", true, "127.0.0.1", "a.localhost", nullptr, nullptr, token, false, 0, "local"},
    {"an IPv6 client", true, "::1", "[::1]:8765", nullptr, nullptr, token, false, 0, "local"},
    {"a rebound name", true, "127.0.0.1", "evil.example.com:8765", nullptr, nullptr, token, false, 403, ""},
    {"a name that starts like ours", true, "127.0.0.1", "localhost.evil.com", nullptr, nullptr, token, false, 403, ""},
    {"a digit name like ours", true, "127.0.0.1", "127.0.0.1.evil.com", nullptr, nullptr, token, false, 403, ""},
    {"a foreign address on loopback", true, "127.0.0.1", "192.168.1.5", nullptr, nullptr, token, false, 403, ""},
    {"no host", true, "127.0.0.1", nullptr, nullptr, nullptr, token, false, 400, ""},
    {"a listed host", true, "127.0.0.1", "troupe.example.org", nullptr, nullptr, token, false, 0, "local"},
    {"origin null", true, "127.0.0.1", "localhost", "null", nullptr, token, true, 0, "local"},
    {"origin file", true, "127.0.0.1", "localhost", "file://", nullptr, token, true, 0, "local"},
    {"origin app", true, "127.0.0.1", "localhost", "app://-", nullptr, token, true, 0, "local"},
    {"a development origin", true, "127.0.0.1", "localhost", "http://localhost:5173", nullptr, token, true, 0, "local"},
    {"a loopback address as origin", true, "127.0.0.1", "localhost", "http://127.0.0.1:3000", nullptr, token, true, 0,
     "local"},
    {"a listed origin", true, "127.0.0.1", "localhost", "https://App.example.org", nullptr, token, true, 0, "local"},
    {"a listed origin's host", true, "127.0.0.1", "localhost", "https://studio.example.org:8443", nullptr, token, true,
     0, "local"},
    {"a listed origin by another scheme", true, "127.0.0.1", "localhost", "http://app.example.org", nullptr, token,
     true, 403, ""},
    {"a foreign origin", true, "127.0.0.1", "localhost", "https://evil.example.com", nullptr, token, true, 403, ""},
    {"a foreign origin on an open route", true, "127.0.0.1", "localhost", "https://evil.example.com", nullptr,
     open_route, false, 403, ""},
    {"an origin with a user part", true, "127.0.0.1", "localhost", "http://localhost@evil.com", nullptr, token, true,
     403, ""},
    {"an origin like localhost", true, "127.0.0.1", "localhost", "http://localhost.evil.com", nullptr, token, true, 403,
     ""},
    {"our own page", false, "0.0.0.0", "192.168.1.5:8765", "http://192.168.1.5:8765", "right", token, true, 0,
     "token:desk"},
    {"a right token on loopback", true, "127.0.0.1", "localhost", nullptr, "right", token, false, 0, "token:desk"},
    {"a wrong token on loopback", true, "127.0.0.1", "localhost", nullptr, "wrong", token, false, 401, ""},
    {"a wrong token for an upgrade", true, "127.0.0.1", "localhost", nullptr, "wrong", token, true, 403, ""},
    {"an empty token", true, "127.0.0.1", "localhost", nullptr, "", token, false, 401, ""},
    {"no token from afar", false, "0.0.0.0", "192.168.1.5", nullptr, nullptr, token, false, 401, ""},
    {"no token from afar for an upgrade", false, "0.0.0.0", "192.168.1.5", nullptr, nullptr, token, true, 403, ""},
    {"an open route from afar", false, "0.0.0.0", "192.168.1.5", nullptr, nullptr, open_route, false, 0, "anonymous"},
    {"a name on all addresses", false, "0.0.0.0", "evil.example.com", nullptr, "right", token, false, 403, ""},
    {"the bound name", false, "desk.lan", "desk.lan:8765", nullptr, "right", token, false, 0, "token:desk"},
};

}  // namespace

TEST_CASE("admission follows its table") {
  for (auto& r : table) {
    INFO(r.what);
    const auto result = admit(rules(), ask(r));
    CHECK(result.status == r.status);
    CHECK(result.principal == r.principal);
    CHECK(result.detail.empty() == (r.status == 0));
  }
}

TEST_CASE("a bearer token counts like one in the query, whatever the scheme's case") {
  for (auto* header : {"Bearer right", "bearer  right", "BEARER right"}) {
    admission_request request;
    request.bound_to_loopback = false;
    request.bound_host = "desk.lan";
    request.host = "desk.lan";
    request.authorization = header;
    CHECK(admit(rules(), request).principal == "token:desk");
  }
}

TEST_CASE("other authorization schemes are no token") {
  admission_request request;
  request.host = "localhost";
  request.authorization = "Basic cmlnaHQ=";
  CHECK(admit(rules(), request).principal == "local");
}

TEST_CASE("AUTH=off opens every bind but keeps Host and Origin") {
  auto r = rules();
  r.auth_off = true;
  admission_request request;
  request.bound_to_loopback = false;
  request.bound_to_any = true;
  request.bound_host = "0.0.0.0";
  request.host = "192.168.1.5";
  CHECK(admit(r, request).principal == "anonymous");
  request.origin = "https://evil.example.com";
  CHECK(admit(r, request).status == 403);
}

TEST_CASE("AUTH=on asks for a token on loopback too") {
  auto r = rules();
  r.auth_always = true;
  admission_request request;
  request.host = "localhost";
  CHECK(admit(r, request).status == 401);
  request.query_token = "right";
  CHECK(admit(r, request).principal == "token:desk");
}

TEST_CASE("the control socket's peer is the operator without any header") {
  admission_request request;
  request.local_control = true;
  CHECK(admit(rules(), request).principal == "operator");
}

TEST_CASE("an operator's token opens what takes any token, and nothing of the clients'") {
  auto r = rules();
  r.verify_operator = [](std::string_view text) -> std::optional<std::string> {
    if (text == "operators") return "ops";
    return std::nullopt;
  };
  admission_request request;
  request.bound_to_loopback = false;
  request.host = request.bound_host = "desk.lan";
  request.query_token = "operators";
  CHECK(admit(r, request).status == 401);
  request.needs = troupe::net::access::any_token;
  CHECK(admit(r, request).principal == "token:ops");
  request.query_token = "right";
  CHECK(admit(r, request).principal == "token:desk");
  request.query_token = "wrong";
  CHECK(admit(r, request).status == 401);
  request.query_token = std::nullopt;
  CHECK(admit(r, request).status == 401);
  request.bound_to_loopback = true;
  CHECK(admit(r, request).principal == "local");
}

TEST_CASE("without a verifier no token is right") {
  auto r = rules();
  r.verify = nullptr;
  admission_request request;
  request.host = "localhost";
  request.query_token = "right";
  CHECK(admit(r, request).status == 401);
}

TEST_CASE("the error names the rule and never the token") {
  admission_request request;
  request.host = "localhost";
  request.query_token = "hush-hush";
  const auto result = admit(rules(), request);
  CHECK(result.detail.find("access token") != std::string::npos);
  CHECK(result.detail.find("hush") == std::string::npos);
}
