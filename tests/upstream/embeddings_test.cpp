// The embedders against aimock, as far as it has their interfaces.

#include "aimock.hpp"
#include "model_call.hpp"
#include "support/catch.hpp"

#include <cmath>

using namespace troupe;
using namespace troupe::test;

namespace {

std::shared_ptr<batch_embedder> embedder_at(const std::string& url, provider_kind kind) {
  auto made = models::make_batch_embedder(choice_of(kind, "an-embedder"), settings_at(url), real_client());
  if (!made) throw std::runtime_error(made.error().message);
  return *made;
}

embedding_result embed(const batch_embedder& with, std::vector<std::string> texts) {
  auto rung = std::make_shared<bell>();
  auto job = with.open({std::move(texts), embedding_purpose::document}, [rung] { rung->ring(); });
  auto result = job->poll();
  while (!result && rung->wait(20s)) result = job->poll();
  if (!result) throw std::runtime_error("nothing came of an embedding in 20 s");
  if (job->poll()) throw std::runtime_error("two results of one embedding");
  return *result;
}

float length_of(const std::vector<float>& vector) {
  float sum = 0;
  for (const float each : vector) sum += each * each;
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE("OpenAI's embeddings come in the order of the texts, of unit length, over several batches") {
  auto& mock = aimock::running();
  mock.play("[]");
  const auto embedder = embedder_at(mock.url(), provider_kind::openai);
  std::vector<std::string> texts;
  for (int i = 0; i < 200; ++i) texts.push_back("text " + std::to_string(i));
  texts[7] = "  ";  // nothing to embed
  const auto all = embed(*embedder, texts);
  REQUIRE(all.error.message == "");
  REQUIRE(all.vectors.size() == texts.size());
  CHECK(all.vectors[7].empty());
  CHECK(length_of(all.vectors[150]) == Approx(1));
  CHECK(embedder->dimensions() == all.vectors[0].size());
  // The mock's vectors depend on the text alone.
  const auto one = embed(*embedder, {texts[150]});
  CHECK(one.vectors.at(0) == all.vectors[150]);
  CHECK(one.vectors.at(0) != all.vectors[151]);
  CHECK(mock.seen().size() == 3);
}

TEST_CASE("an embedder's fault is one failure, with the time to wait") {
  auto& mock = aimock::running();
  mock.play(R"([{"match":{"endpoint":"embedding"},
                 "response":{"error":{"message":"too many","type":"rate_limit_error"},"status":429,"retryAfter":7}}])");
  const auto result = embed(*embedder_at(mock.url(), provider_kind::openai), {"one"});
  CHECK(result.error.kind == failure_kind::quota);
  CHECK(result.retry_after == std::chrono::milliseconds(7000));
  CHECK(result.vectors.empty());
}

TEST_CASE("answers that are not the provider's are refused, not taken for vectors") {
  // aimock answers Ollama's /api/embed in the form of the older /api/embeddings,
  // and has Gemini's embedContent but not its batchEmbedContents.
  auto& mock = aimock::running();
  mock.play("[]");
  const auto ollama = embed(*embedder_at(mock.url(), provider_kind::ollama), {"one", "two"});
  CHECK(ollama.error.kind == failure_kind::broken_stream);
  CHECK(ollama.vectors.empty());
  const auto gemini = embed(*embedder_at(mock.url(), provider_kind::gemini), {"one"});
  CHECK(gemini.error.message.find("gemini answered 404") == 0);
  CHECK(gemini.vectors.empty());
}
