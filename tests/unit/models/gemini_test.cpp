#include "models/gemini_text.hpp"
#include "provider_play.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

std::string part(const std::string& inner) {
  return R"({"candidates":[{"content":{"role":"model","parts":[)" + inner + R"(]},"index":0}]})";
}

std::string last(const std::string& reason) {
  return R"({"candidates":[{"content":{"parts":[]},"finishReason":")" + reason
         + R"(","index":0}],"usageMetadata":{"promptTokenCount":12,"candidatesTokenCount":5,"thoughtsTokenCount":3,)"
           R"("cachedContentTokenCount":4,"totalTokenCount":20}})";
}

model_request with_history() {
  model_request request;
  request.system = "You are Luna.";
  memory_hit hit;
  hit.record.text = "Has a cat\ncalled Miso";
  request.memories.push_back(hit);
  request.tools.push_back({"look_up", "Looks up", R"({"type":"object","properties":{"q":{"type":"string"}}})"});
  request.tools.push_back({"now", "The time", ""});
  chat_message picture{chat_role::user, "What is this?"};
  picture.media.push_back({"image/png", shared_bytes("\x89PNG")});
  chat_message wish{chat_role::model, "Let me see."};
  wish.calls.push_back({"fc-1", "look_up", R"({"q":"x","n":2})", "sig=="});
  wish.calls.push_back({"call_7", "now", "{}", ""});
  chat_message results;
  results.role = chat_role::tool;
  results.results.push_back({"call_7", "now", "no clock", true});
  results.results.push_back({"fc-1", "look_up", R"({"found":[1]})", false});
  request.messages = {picture, wish, results};
  return request;
}

}  // namespace

TEST_CASE("gemini is asked in its own form, with the key in a header alone") {
  const auto request = gemini()->chat("gemini-2.5-flash", with_history());
  CHECK(request.method == "POST");
  CHECK(request.url == "https://gemini.example/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
  CHECK(header_of(request, "x-goog-api-key") == secret);
  CHECK(header_of(request, "content-type") == "application/json");
  CHECK(request.body.find(secret) == std::string::npos);
  CHECK(same_form(request.body) == same_form(R"({"contents":[
    {"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}},{"text":"What is this?"}]},
    {"role":"model","parts":[{"text":"Let me see."},
      {"functionCall":{"name":"look_up","args":{"q":"x","n":2},"id":"fc-1"},"thoughtSignature":"sig=="},
      {"functionCall":{"name":"now","args":{}}}]},
    {"role":"user","parts":[
      {"functionResponse":{"name":"look_up","response":{"output":{"found":[1]}},"id":"fc-1"}},
      {"functionResponse":{"name":"now","response":{"error":"no clock"}}}]}],
    "systemInstruction":{"parts":[{"text":"You are Luna.\n\nWhat you remember from earlier conversations, best match first. Use what helps to answer; it may be out of date:\n- Has a cat called Miso"}]},
    "tools":[{"functionDeclarations":[
      {"name":"look_up","description":"Looks up","parametersJsonSchema":{"type":"object","properties":{"q":{"type":"string"}}}},
      {"name":"now","description":"The time"}]}]})"));
}

TEST_CASE("a gemini model's name is escaped in the path") {
  CHECK(gemini()->chat("models/gemini-2.5-pro", asking()).url.find("/models/gemini-2.5-pro:stream")
        != std::string::npos);
  CHECK(gemini()->chat("a/../b?c", asking()).url.find("/models/a%2F..%2Fb%3Fc:stream") != std::string::npos);
}

TEST_CASE("gemini's text, thoughts, calls and usage come out in order") {
  const auto events = play(
      gemini(),
      sse({part(R"({"text":"Hmm","thought":true})"), part(R"({"text":"Grüße "},{"text":"🦉"})"),
           part(
               R"({"functionCall":{"name":"a","args":{"x":1.5},"id":"fc1"},"thoughtSignature":"s1"},{"functionCall":{"name":"b"}})"),
           last("STOP")}));
  CHECK(events
        == texts{"think Hmm", "say Grüße ", "say 🦉", R"(call fc1 a {"x":1.5} signed s1)", "call call_1 b {}",
                 "ended stop 12/8/3/4"});
}

TEST_CASE("a signature on gemini's text goes back on the same bytes") {
  const auto events =
      play(gemini(), sse({part(R"({"text":"Hello "})"), part(R"({"text":"you","thoughtSignature":"A"})"),
                          part(R"({"text":"."})"), part(R"({"text":"","thoughtSignature":"B"})"), last("STOP")}));
  const std::string opaque = R"([[6,9,"A"],[10,10,"B"]])";
  CHECK(events == texts{"say Hello ", "say you", "say .", "ended stop 12/8/3/4 signed " + opaque});
  model_request request = asking("Hi");
  chat_message answer{chat_role::model, "Hello you."};
  answer.opaque = opaque;
  request.messages = {{chat_role::user, "Hi"}, answer, {chat_role::user, "And?"}};
  CHECK(
      gemini()
          ->chat("m", request)
          .body.find(
              R"([{"text":"Hello "},{"text":"you","thoughtSignature":"A"},{"text":"."},{"text":"","thoughtSignature":"B"}])")
      != std::string::npos);
  for (const std::string foreign :
       {R"([[6,90,"A"]])", R"([[8,6,"A"]])", R"([[6,9]])", "x", R"({"a":1})", R"([[0,4,"A"],[2,5,"B"]])"}) {
    const auto pieces = models::signed_pieces("Hello you.", foreign);
    REQUIRE(pieces.size() == 1);
    CHECK(pieces[0].text == "Hello you.");
    CHECK(pieces[0].signature.empty());
  }
}

TEST_CASE("gemini's reasons to stop become finish reasons or failures") {
  const auto end_of = [](const std::string& reason) {
    return play(gemini(), sse({part(R"({"text":"a"})"), last(reason)})).back();
  };
  CHECK(end_of("STOP") == "ended stop 12/8/3/4");
  CHECK(end_of("FUNCTION_CALL") == "ended stop 12/8/3/4");
  CHECK(end_of("MAX_TOKENS") == "ended length 12/8/3/4");
  for (const std::string reason : {"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII"})
    CHECK(end_of(reason) == "failed filtered: gemini's filter stopped the answer (" + reason + ")");
  CHECK(end_of("MALFORMED_FUNCTION_CALL").starts_with("failed upstream: gemini called a tool in a malformed way"));
  CHECK(end_of("LANGUAGE") == "failed upstream: gemini stopped for a reason of its own (LANGUAGE)");
  CHECK(play(gemini(), sse({R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"}})"}))
        == texts{"failed filtered: gemini's filter stopped the answer (PROHIBITED_CONTENT)"});
}

TEST_CASE("a gemini stream that stops short is broken, also in the middle of an event") {
  const auto whole = sse({part(R"({"text":"a"})"), last("STOP")});
  CHECK(play(gemini(), sse({part(R"({"text":"a"})")}))
        == texts{"say a", "failed broken_stream: gemini ended its answer without saying so"});
  CHECK(play(gemini(), "") == texts{"failed broken_stream: gemini ended its answer without saying so"});
  CHECK(play(gemini(), whole.substr(0, whole.size() - 60)).back()
        == "failed broken_stream: gemini sent an event that is no JSON object");
  CHECK(play(gemini(), "<html>Please log in</html>")
        == texts{"failed broken_stream: gemini ended its answer without saying so"});
  CHECK(play(gemini(), sse({part(R"({"text":"a"})")}), asking(), 200, {},
             {failure_kind::broken_stream, "gemini.example:443 closed the connection"})
        == texts{"say a", "failed broken_stream: gemini: gemini.example:443 closed the connection"});
  CHECK(play(gemini(), whole, asking(), 200, {}, {failure_kind::broken_stream, "cut"}).back() == "ended stop 12/8/3/4");
  CHECK(play(gemini(), whole.substr(0, whole.size() - 1)).back() == "ended stop 12/8/3/4");
}

TEST_CASE("an error in the middle of gemini's stream says when to come back") {
  const auto events = play(
      gemini(),
      sse({part(R"({"text":"a"})"),
           R"({"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.5s"}]}})"}));
  CHECK(events == texts{"say a", "failed quota: gemini broke off with an error: Slow down retry 1500"});
}

TEST_CASE("gemini without a key is not asked") {
  scripted_http_client client;
  models::remote_model model(models::make_gemini({"https://gemini.example", ""}),
                             std::shared_ptr<http_client>(&client, [](auto*) {}), "gemini-2.5-flash", {});
  CHECK(model.name() == "gemini:gemini-2.5-flash");
  const auto stream = model.open(asking(), [] {});
  CHECK(read_all(*stream, client) == texts{"failed auth: gemini needs a key, and GOOGLE_API_KEY is not set"});
  CHECK(client.requests.empty());
}
