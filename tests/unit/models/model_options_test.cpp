#include "models/offline_model.hpp"
#include "provider_play.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

boost::json::object body_for(const std::shared_ptr<const models::provider>& provider, const model_options& options) {
  auto request = asking();
  request.options = options;
  return boost::json::parse(provider->chat("some-model", request).body).as_object();
}

std::string said(std::uint32_t most, finish_reason* reason = nullptr) {
  auto request = asking("My cat is called Miller and he likes fish on Fridays.");
  request.options.max_tokens = most;
  const auto stream = models::offline_model().open(request, [] {});
  std::string text;
  for (;;) {
    const auto polled = stream->poll();
    REQUIRE(polled.event);
    if (polled.event->what == model_event::kind::ended) {
      if (reason) *reason = polled.event->reason;
      return text;
    }
    text += polled.event->text;
  }
}

}  // namespace

TEST_CASE("temperature and limit go to each provider by its own names") {
  const model_options options{0.75, 300};
  const auto to_gemini = body_for(gemini(), options).at("generationConfig").as_object();
  CHECK(to_gemini.at("temperature").as_double() == 0.75);
  CHECK(to_gemini.at("maxOutputTokens").to_number<int>() == 300 + 1024);  // thoughts count there, too
  const auto to_ollama = body_for(ollama(), options).at("options").as_object();
  CHECK(to_ollama.at("temperature").as_double() == 0.75);
  CHECK(to_ollama.at("num_predict").to_number<int>() == 300);
  const auto to_openai = body_for(openai(), options);
  CHECK(to_openai.at("temperature").as_double() == 0.75);
  CHECK(to_openai.at("max_tokens").to_number<int>() == 300);
}

TEST_CASE("what is not asked for is left to the provider") {
  CHECK_FALSE(body_for(gemini(), {}).contains("generationConfig"));
  CHECK_FALSE(body_for(ollama(), {}).contains("options"));
  CHECK_FALSE(body_for(openai(), {}).contains("temperature"));
  CHECK_FALSE(body_for(openai(), {}).contains("max_tokens"));
  // Each alone, and 0 is a temperature.
  CHECK(body_for(gemini(), {0, 0}).at("generationConfig").as_object().size() == 1);
  CHECK(body_for(ollama(), {-1, 5}).at("options").as_object().size() == 1);
  CHECK(body_for(openai(), {0, 0}).at("temperature").to_number<double>() == 0);
}

TEST_CASE("the offline model stops after as many words as it may say") {
  const auto whole = said(0);
  auto reason = finish_reason::stop;
  const auto cut = said(3, &reason);
  CHECK(reason == finish_reason::length);
  CHECK(whole.starts_with(cut));
  CHECK(std::count(cut.begin(), cut.end(), ' ') == 2);
  CHECK(said(1000, &reason) == whole);
  CHECK(reason == finish_reason::stop);
}
