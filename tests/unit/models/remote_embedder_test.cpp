#include "models/remote_embedder.hpp"

#include "models/model_list.hpp"
#include "provider_play.hpp"

#include <cmath>

using namespace troupe;
using namespace troupe::test;
using namespace troupe::models;

namespace {

struct fixture {
  scripted_http_client client;

  remote_embedder embedder(const std::shared_ptr<const provider>& from, std::size_t dimensions = 0) {
    return remote_embedder(from, std::shared_ptr<http_client>(&client, [](auto*) {}), "some-embedder", dimensions,
                           std::chrono::seconds(9));
  }

  embedding_result run(const remote_embedder& embedder, std::vector<std::string> asked,
                       embedding_purpose purpose = embedding_purpose::document) {
    int woken = 0;
    const auto job = embedder.open({std::move(asked), purpose}, [&] { ++woken; });
    for (;;) {
      if (auto result = job->poll()) {
        CHECK_FALSE(job->poll());
        return std::move(*result);
      }
      if (client.resume() == 0) FAIL("the job waits for a wake that nobody owes it");
      CHECK(woken > 0);
    }
  }
};

std::string failed(const embedding_result& result) {
  CHECK(result.vectors.empty());
  return std::string(to_string(result.error.kind)) + ": " + result.error.message;
}

using vectors = std::vector<std::vector<float>>;

}  // namespace

TEST_CASE("gemini embeds in batches, in order, at unit length") {
  fixture f;
  f.client.will_answer(200, {}, {R"({"embeddings":[{"values":[3,4]},{"values":)", R"([0,0.5]}]})"});
  const auto embedder = f.embedder(gemini(), 2);
  CHECK(embedder.id() == "gemini:some-embedder:2");
  CHECK(embedder.dimensions() == 2);
  const auto result = f.run(embedder, {"a", "b"}, embedding_purpose::query);
  CHECK(result.error.kind == failure_kind::none);
  CHECK(result.vectors == vectors{{0.6f, 0.8f}, {0.0f, 1.0f}});
  const auto& asked = f.client.requests.at(0);
  CHECK(asked.url == "https://gemini.example/v1beta/models/some-embedder:batchEmbedContents");
  CHECK(header_of(asked, "x-goog-api-key") == secret);
  CHECK(asked.total_limit == std::chrono::seconds(9));
  CHECK(same_form(asked.body) == same_form(R"({"requests":[
    {"model":"models/some-embedder","content":{"parts":[{"text":"a"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":2},
    {"model":"models/some-embedder","content":{"parts":[{"text":"b"}]},"taskType":"RETRIEVAL_QUERY","outputDimensionality":2}]})"));
}

TEST_CASE("more texts than a batch holds go out one batch after the other") {
  fixture f;
  const auto embedder = f.embedder(gemini(), 1);
  REQUIRE(embedder.batch() == 100);
  const auto answer = [](int count, float sign) {
    std::string items;
    for (int i = 0; i < count; ++i) items += std::string(i ? "," : "") + R"({"values":[)" + std::to_string(sign) + "]}";
    return R"({"embeddings":[)" + items + "]}";
  };
  f.client.will_do({scripted_http_client::head(200), scripted_http_client::pause(),
                    scripted_http_client::body(answer(100, 1)), scripted_http_client::ended()});
  f.client.will_answer(200, {}, {answer(1, -1)});
  const auto result = f.run(embedder, std::vector<std::string>(101, "x"));
  REQUIRE(result.vectors.size() == 101);
  CHECK(result.vectors[99] == std::vector<float>{1});
  CHECK(result.vectors[100] == std::vector<float>{-1});
  CHECK(f.client.requests.size() == 2);
  CHECK(f.client.finished == 2);
}

TEST_CASE("ollama and OpenAI servers embed in their own forms, and the first answer settles the dimension") {
  fixture f;
  f.client.will_answer(200, {}, {R"({"model":"some-embedder","embeddings":[[1,0,0],[0,2,0]]})"});
  f.client.will_answer(200, {}, {R"({"embeddings":[[1,0]]})"});
  const auto local = f.embedder(ollama());
  CHECK(local.id() == "ollama:some-embedder");
  CHECK(local.dimensions() == 0);
  CHECK(f.run(local, {"a", "b"}).vectors == vectors{{1, 0, 0}, {0, 1, 0}});
  CHECK(local.dimensions() == 3);
  CHECK(f.client.requests.at(0).url == "http://ollama.example:11434/api/embed");
  CHECK(same_form(f.client.requests.at(0).body)
        == same_form(R"({"model":"some-embedder","input":["a","b"],"truncate":true})"));
  CHECK(failed(f.run(local, {"c"})) == "broken_stream: ollama gave an embedding of 2 dimensions instead of 3");

  f.client.will_answer(200, {}, {R"({"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0]}]})"});
  const auto hosted = f.embedder(openai());
  CHECK(f.run(hosted, {"a", "b"}).vectors == vectors{{1, 0}, {0, 1}});
  CHECK(f.client.requests.back().url == "https://openai.example/v1/embeddings");
  CHECK(same_form(f.client.requests.back().body)
        == same_form(R"({"model":"some-embedder","input":["a","b"],"encoding_format":"float"})"));
}

TEST_CASE("blank texts are not sent and get an empty vector in their place") {
  fixture f;
  f.client.will_answer(200, {}, {R"({"embeddings":[[1]]})"});
  const auto embedder = f.embedder(ollama());
  CHECK(f.run(embedder, {"", "a", " \n"}).vectors == vectors{{}, {1}, {}});
  CHECK(f.client.requests.at(0).body.find(R"("input":["a"])") != std::string::npos);
  CHECK(f.run(embedder, {" "}).vectors == vectors{{}});
  CHECK(f.run(embedder, {}).vectors.empty());
  CHECK(f.client.requests.size() == 1);
}

TEST_CASE("a failed batch fails the request, with the provider's reason") {
  fixture f;
  const auto embedder = f.embedder(openai());
  f.client.will_answer(429, {{"retry-after", "3"}}, {R"({"error":{"message":"Slow down"}})"});
  const auto result = f.run(embedder, {"a"});
  CHECK(failed(result) == "quota: openai answered 429: Slow down");
  CHECK(result.retry_after == std::chrono::seconds(3));
  f.client.will_answer(200, {}, {"{"});
  CHECK(failed(f.run(embedder, {"a"})) == "broken_stream: openai's answer is not valid JSON");
  for (const std::string bad :
       {R"({"data":[]})", R"({"data":[{"index":5,"embedding":[1]}]})", R"({"data":[{"embedding":["x"]}]})",
        R"({"data":[{"embedding":[1]},{"embedding":[1]}]})", R"({})"}) {
    f.client.will_answer(200, {}, {bad});
    CHECK(failed(f.run(embedder, {"a"})) == "broken_stream: openai's answer does not hold one embedding for each text");
  }
  f.client.will_answer(200, {}, {R"({"embeddings":[[1]]})"});
  CHECK(failed(f.run(f.embedder(ollama()), {"a", "b"})) == "broken_stream: ollama gave 1 embeddings for 2 texts");
  f.client.will_answer(200, {}, {R"({"embed)"}, {failure_kind::broken_stream, "cut off"});
  CHECK(failed(f.run(f.embedder(ollama()), {"a"})) == "broken_stream: ollama: cut off");
  CHECK(failed(f.run(f.embedder(make_gemini({"https://gemini.example", ""})), {"a"}))
        == "auth: gemini needs a key, and GOOGLE_API_KEY is not set");
}

TEST_CASE("destroying an embedding job aborts it") {
  fixture f;
  f.client.will_do({scripted_http_client::head(200)});
  const auto embedder = f.embedder(ollama());
  auto job = embedder.open({{"a"}, {}}, [] {});
  CHECK_FALSE(job->poll());
  job.reset();
  CHECK(f.client.aborted == 1);
}

TEST_CASE("providers list their models") {
  scripted_http_client client;
  const auto list = [&](const std::shared_ptr<const provider>& from, const std::string& body, int status = 200) {
    client.will_answer(status, {}, {body});
    model_list listing(from, client, [] {});
    auto names = listing.poll();
    CHECK_FALSE(listing.poll());
    REQUIRE(names);
    if (names->error.kind != failure_kind::none) return texts{names->error.message};
    return names->names;
  };
  CHECK(
      list(
          gemini(),
          R"({"models":[{"name":"models/gemini-2.5-flash","supportedGenerationMethods":["generateContent","countTokens"]},
    {"name":"models/gemini-embedding-001","supportedGenerationMethods":["embedContent"]}]})")
      == texts{"gemini-2.5-flash"});
  CHECK(client.requests.back().url == "https://gemini.example/v1beta/models?pageSize=1000");
  CHECK(client.requests.back().method == "GET");
  CHECK(header_of(client.requests.back(), "x-goog-api-key") == secret);
  CHECK(list(ollama(), R"({"models":[{"name":"llama3.2:latest","model":"llama3.2:latest"}]})")
        == texts{"llama3.2:latest"});
  CHECK(client.requests.back().url == "http://ollama.example:11434/api/tags");
  CHECK(list(openai(), R"({"object":"list","data":[{"id":"b"},{"id":"a"}]})") == texts{"b", "a"});
  CHECK(client.requests.back().url == "https://openai.example/v1/models");
  CHECK(list(openai(), R"({"error":{"message":"No"}})", 403) == texts{"openai answered 403: No"});
  CHECK(list(openai(), "nonsense") == texts{"openai's answer is not valid JSON"});
}
