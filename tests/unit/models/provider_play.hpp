#pragma once

/// A provider's answer played to a model, cut in every way; and its events as text.

#include "models/provider.hpp"
#include "models/provider_json.hpp"
#include "models/remote_model.hpp"
#include "support/catch.hpp"
#include "support/scripted_http_client.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <random>

namespace troupe::test {

inline const std::string secret = "AIza-secret-key-0123456789";

inline std::shared_ptr<const models::provider> gemini() {
  return models::make_gemini({"https://gemini.example", secret});
}
inline std::shared_ptr<const models::provider> ollama() {
  return models::make_ollama({"http://ollama.example:11434", ""});
}
inline std::shared_ptr<const models::provider> openai() {
  return models::make_openai({"https://openai.example/v1", secret});
}

inline model_request asking(const std::string& text = "Hello") {
  model_request request;
  request.messages.push_back({chat_role::user, text});
  return request;
}

inline std::string text_of(const model_event& event) {
  using kind = model_event::kind;
  if (event.what == kind::delta) return "say " + event.text;
  if (event.what == kind::thought) return "think " + event.text;
  if (event.what == kind::call)
    return "call " + event.call.id + " " + event.call.name + " " + event.call.arguments
           + (event.call.opaque.empty() ? "" : " signed " + event.call.opaque);
  if (event.error.kind != failure_kind::none)
    return std::string("failed ") + to_string(event.error.kind) + ": " + event.error.message
           + (event.retry_after ? " retry " + std::to_string(event.retry_after->count()) : "");
  const auto& usage = event.usage;
  return std::string("ended ") + (event.reason == finish_reason::length ? "length " : "stop ")
         + std::to_string(usage.input) + "/" + std::to_string(usage.output) + "/" + std::to_string(usage.thoughts) + "/"
         + std::to_string(usage.cached) + (event.opaque.empty() ? "" : " signed " + event.opaque);
}

/// Polls to the end; fails if the stream gets stuck or gives anything after its end.
inline std::vector<std::string> read_all(model_stream& stream, scripted_http_client& client) {
  std::vector<std::string> out;
  for (int rounds = 0; rounds < 1000000; ++rounds) {
    auto polled = stream.poll();
    if (!polled.event && !polled.not_before) {
      if (client.resume() == 0) FAIL("the stream waits for a wake that nobody owes it");
      continue;
    }
    if (!polled.event) continue;
    out.push_back(text_of(*polled.event));
    if (polled.event->what != model_event::kind::ended) continue;
    const auto after = stream.poll();
    CHECK_FALSE(after.event);
    CHECK_FALSE(after.not_before);
    return out;
  }
  FAIL("the stream does not end");
  return out;
}

/// The events of one answer, given in these pieces.
inline std::vector<std::string> play_pieces(const std::shared_ptr<const models::provider>& provider,
                                            const model_request& request, int status, const http_headers& headers,
                                            const std::vector<std::string>& pieces, const failure& end = {}) {
  scripted_http_client client;
  client.will_answer(status, headers, pieces, end);
  models::remote_model model(provider, std::shared_ptr<http_client>(&client, [](auto*) {}), "some-model",
                             std::chrono::seconds(60));
  const auto stream = model.open(request, [] {});
  return read_all(*stream, client);
}

/// The events of an answer: whole, byte by byte and at random cuts alike.
inline std::vector<std::string> play(const std::shared_ptr<const models::provider>& provider, const std::string& answer,
                                     const model_request& request = asking(), int status = 200,
                                     const http_headers& headers = {}, const failure& end = {}) {
  const auto whole = play_pieces(provider, request, status, headers, {answer}, end);
  std::vector<std::string> bytes;
  for (const char c : answer) bytes.emplace_back(1, c);
  CHECK(play_pieces(provider, request, status, headers, bytes, end) == whole);
  std::mt19937 random(4711);
  for (int round = 0; round < 25; ++round) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < answer.size();) {
      const std::size_t length = 1 + random() % (round + 3);
      pieces.push_back(answer.substr(at, length));
      at += length;
    }
    CHECK(play_pieces(provider, request, status, headers, pieces, end) == whole);
  }
  return whole;
}

/// Lines of JSON as server-sent events.
inline std::string sse(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "data: " + line + "\n\n";
  return out;
}

inline std::string lines(const std::vector<std::string>& each) {
  std::string out;
  for (const auto& line : each) out += line + "\n";
  return out;
}

/// JSON in one form, so that bodies can be compared as text.
inline std::string same_form(const std::string& text) {
  boost::system::error_code code;
  auto value = boost::json::parse(text, code);
  INFO(text);
  REQUIRE_FALSE(code.failed());
  return boost::json::serialize(value);
}

inline std::string header_of(const http_request& request, const std::string& name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return "";
}

using texts = std::vector<std::string>;

}  // namespace troupe::test
