#include "models/provider_failure.hpp"

#include "provider_play.hpp"

using namespace troupe;
using namespace troupe::test;
using namespace troupe::models;

namespace {

std::string answered(int status, const http_headers& headers, const std::string& body,
                     const std::shared_ptr<const provider>& from = openai()) {
  const auto events = play(from, body, asking(), status, headers);
  REQUIRE(events.size() == 1);
  return events[0];
}

}  // namespace

TEST_CASE("a status becomes the kind of failure that a caller can act on") {
  const std::vector<std::pair<int, failure_kind>> table = {
      {401, failure_kind::auth},     {403, failure_kind::auth},     {429, failure_kind::quota},
      {408, failure_kind::timeout},  {504, failure_kind::timeout},  {500, failure_kind::overload},
      {502, failure_kind::overload}, {503, failure_kind::overload}, {529, failure_kind::overload},
      {400, failure_kind::upstream}, {404, failure_kind::upstream}, {302, failure_kind::upstream}};
  for (const auto& [status, kind] : table)
    for (const auto& from : {gemini(), ollama(), openai()}) {
      INFO(status);
      CHECK(answered(status, {}, "", from)
                .starts_with("failed " + std::string(to_string(kind)) + ": " + from->name() + " answered "
                             + std::to_string(status)));
    }
}

TEST_CASE("the body decides where it is clearer than the status") {
  CHECK(
      answered(
          400, {},
          R"([{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}])",
          gemini())
      == "failed auth: gemini answered 400: API key not valid");
  CHECK(answered(400, {}, R"({"error":{"message":"The prompt was filtered","code":"content_filter"}})")
        == "failed filtered: openai answered 400: The prompt was filtered");
  CHECK(answered(400, {}, R"({"error":{"message":"Unknown field","type":"invalid_request_error"}})")
        == "failed upstream: openai answered 400: Unknown field");
  CHECK(answered(422, {}, R"({"detail":"No such model"})") == "failed upstream: openai answered 422: No such model");
  CHECK(answered(500, {}, "<html>Bad Gateway</html>") == "failed overload: openai answered 500");
}

TEST_CASE("when to come back is read from headers and bodies") {
  CHECK(answered(429, {{"retry-after", "2"}}, "") == "failed quota: openai answered 429 retry 2000");
  CHECK(answered(503, {{"retry-after", "0.5"}}, "") == "failed overload: openai answered 503 retry 500");
  CHECK(answered(429, {{"retry-after", "9"}, {"retry-after-ms", "250"}}, "")
        == "failed quota: openai answered 429 retry 250");
  const http_headers dated = {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"},
                              {"retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"}};
  CHECK(answered(429, dated, "") == "failed quota: openai answered 429 retry 30000");
  CHECK(answered(429, {{"retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"}}, "") == "failed quota: openai answered 429");
  CHECK(answered(429, {{"date", "Sun, 06 Nov 1994 08:49:37 GMT"}, {"retry-after", "Sun, 06 Nov 1994 08:00:00 GMT"}}, "")
        == "failed quota: openai answered 429 retry 0");
  CHECK(answered(429, {{"retry-after", "99999999999"}}, "") == "failed quota: openai answered 429 retry 86400000");
  CHECK(answered(429, {{"retry-after", "soon"}}, "") == "failed quota: openai answered 429");
  CHECK(answered(429, {}, R"({"error":{"code":429,"message":"Quota","details":[{"retryDelay":"33s"}]}})", gemini())
        == "failed quota: gemini answered 429: Quota retry 33000");
}

TEST_CASE("no key gets into a message, not even in part") {
  CHECK(answered(401, {}, R"({"error":{"message":"Incorrect API key provided: sk-ab***yz."}})")
        == "failed auth: openai answered 401: it does not take the key");
  CHECK(answered(403, {}, R"({"error":{"message":"Key )" + secret + R"( may not, nor sk-proj-ab***yz"}})")
        == "failed auth: openai answered 403: Key ******** may not, nor ********");
  CHECK(short_text("the word plain-key here", "plain-key") == "the word ******** here");
}

TEST_CASE("a provider's text is one short line of valid UTF-8") {
  CHECK(short_text(" a\n\n b\t.", "") == "a b");
  CHECK(short_text("\xff", "") == "\uFFFD");
  const auto cut = short_text(std::string(298, 'x') + "\u00e4\u00e4\u00e4", "");
  CHECK(cut == std::string(297, 'x') + "...");
  std::string umlauts;
  for (int i = 0; i < 300; ++i) umlauts += "\u00e4";
  CHECK(short_text(umlauts, "").size() <= 300);
  CHECK(valid_utf8(short_text(umlauts, "")) == short_text(umlauts, ""));
}

TEST_CASE("an endless error answer is not read to its end") {
  scripted_http_client client;
  scripted_http_client::script events{scripted_http_client::head(500)};
  for (int i = 0; i < 40; ++i) events.push_back(scripted_http_client::body(std::string(4096, 'x')));
  client.will_do(std::move(events));
  remote_model model(openai(), std::shared_ptr<http_client>(&client, [](auto*) {}), "m", {});
  const auto stream = model.open(asking(), [] {});
  CHECK(read_all(*stream, client) == texts{"failed overload: openai answered 500"});
  CHECK(client.aborted == 1);
}
