#include "models/remote_embedder.hpp"

#include "models/whole_answer.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::models {
namespace {

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string::npos;
}

void normalise(std::vector<float>& vector) {
  double sum = 0;
  for (const float x : vector) sum += static_cast<double>(x) * x;
  if (!(sum > 0)) return;
  const double factor = 1 / std::sqrt(sum);
  for (float& x : vector) x = static_cast<float>(x * factor);
}

}  // namespace

class remote_embedder::job final : public embedding_job {
 public:
  job(std::shared_ptr<shared_part> shared, embedding_request request, std::function<void()> wake)
      : shared_(std::move(shared)), purpose_(request.purpose), wake_(std::move(wake)) {
    result_.vectors.resize(request.texts.size());
    for (std::size_t i = 0; i < request.texts.size(); ++i) {
      if (is_blank(request.texts[i])) continue;  // providers refuse it
      texts_.push_back(std::move(request.texts[i]));
      places_.push_back(i);
    }
  }

  std::optional<embedding_result> poll() override {
    if (done_) return std::nullopt;
    if (auto why = shared_->provider->ready(); why.kind != failure_kind::none) return fail({std::move(why), {}});
    while (begin_ < texts_.size()) {
      if (!answer_) open_batch();
      auto answer = answer_->poll();
      if (!answer) return std::nullopt;
      answer_.reset();
      if (answer->failed.error.kind != failure_kind::none) return fail(std::move(answer->failed));
      if (auto why = take(answer->body); why.kind != failure_kind::none) return fail({std::move(why), {}});
      begin_ += count();
    }
    done_ = true;
    return std::move(result_);
  }

 private:
  std::size_t count() const { return std::min(shared_->provider->embedding_batch(), texts_.size() - begin_); }

  void open_batch() {
    const auto texts = std::span<const std::string>(texts_).subspan(begin_, count());
    auto request = shared_->provider->embed(shared_->model, texts, purpose_, shared_->asked_dimensions);
    request.total_limit = shared_->call_limit;
    answer_.emplace(shared_->client->open(std::move(request), wake_), shared_->provider->name(),
                    shared_->provider->key());
  }

  failure take(std::string_view body) {
    auto vectors = shared_->provider->embeddings(body, count());
    if (!vectors) return vectors.error();
    const auto name = shared_->provider->name();
    if (vectors->size() != count())
      return {failure_kind::broken_stream, name + " gave " + std::to_string(vectors->size()) + " embeddings for "
                                               + std::to_string(count()) + " texts"};
    for (std::size_t i = 0; i < vectors->size(); ++i) {
      auto& vector = (*vectors)[i];
      if (!fits(vector.size()))
        return {failure_kind::broken_stream, name + " gave an embedding of " + std::to_string(vector.size())
                                                 + " dimensions instead of "
                                                 + std::to_string(shared_->dimensions.load())};
      normalise(vector);
      result_.vectors[places_[begin_ + i]] = std::move(vector);
    }
    return {};
  }

  /// The first vector settles the dimension, if it was not asked for.
  bool fits(std::size_t size) {
    std::size_t settled = 0;
    if (size > 0 && shared_->dimensions.compare_exchange_strong(settled, size)) return true;
    return size == settled && size > 0;
  }

  embedding_result fail(provider_failure why) {
    done_ = true;
    embedding_result out;
    out.error = std::move(why.error);
    out.retry_after = why.retry_after;
    return out;
  }

  std::shared_ptr<shared_part> shared_;
  embedding_purpose purpose_;
  std::function<void()> wake_;
  std::vector<std::string> texts_;   // those with something to embed
  std::vector<std::size_t> places_;  // where in the request they stood
  std::size_t begin_ = 0;            // of the batch under way
  std::optional<whole_answer> answer_;
  embedding_result result_;
  bool done_ = false;
};

remote_embedder::remote_embedder(std::shared_ptr<const models::provider> provider, std::shared_ptr<http_client> client,
                                 std::string model, std::size_t dimensions, std::chrono::milliseconds call_limit)
    : shared_(std::make_shared<shared_part>()) {
  shared_->provider = std::move(provider);
  shared_->client = std::move(client);
  shared_->model = std::move(model);
  shared_->asked_dimensions = dimensions;
  shared_->call_limit = call_limit;
  shared_->dimensions = dimensions;
}

std::string remote_embedder::id() const {
  auto out = shared_->provider->name() + ":" + shared_->model;
  if (shared_->asked_dimensions > 0) out += ":" + std::to_string(shared_->asked_dimensions);
  return out;
}

std::unique_ptr<embedding_job> remote_embedder::open(embedding_request request, std::function<void()> wake) const {
  return std::make_unique<job>(shared_, std::move(request), std::move(wake));
}

}  // namespace troupe::models
