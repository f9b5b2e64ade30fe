#pragma once

/// \file
/// One model provider's language: what is asked in which request and what its
/// answers mean. Pure translation; `remote_model`, `remote_embedder` and
/// `model_list` bring the requests over an `http_client`.
///
/// Ownership: shared by everything that talks to the provider.
/// Thread safety: immutable. Errors: see provider_failure.hpp.

#include "models/stream_decoder.hpp"
#include "runtime/ports/batch_embedder.hpp"
#include "runtime/ports/http_client.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace troupe::models {

/// Where a provider is. `base` without a slash at its end; `key` may be empty.
struct provider_endpoint {
  std::string base;
  std::string key;
};

class provider {
 public:
  explicit provider(provider_endpoint endpoint) : endpoint_(std::move(endpoint)) {}
  virtual ~provider() = default;

  /// As in MODEL: "gemini".
  virtual std::string name() const = 0;
  /// Kind `none`, or why no request can succeed (no key is set).
  virtual failure ready() const { return {}; }

  /// \name A conversation
  /// \{
  virtual http_request chat(const std::string& model, const model_request& request) const = 0;
  virtual std::unique_ptr<stream_decoder> decoder(const model_request& request) const = 0;
  /// \}

  /// \name Embeddings
  /// \{
  virtual std::size_t embedding_batch() const = 0;
  /// `dimensions` 0 leaves the choice to the model.
  virtual http_request embed(const std::string& model, std::span<const std::string> texts, embedding_purpose purpose,
                             std::size_t dimensions) const = 0;
  /// `count` vectors in the order of the texts, as the provider gives them.
  virtual expected<std::vector<std::vector<float>>> embeddings(std::string_view body, std::size_t count) const = 0;
  /// \}

  /// \name Models
  /// \{
  virtual http_request list() const = 0;
  virtual expected<std::vector<std::string>> names(std::string_view body) const = 0;
  /// \}

  const std::string& key() const { return endpoint_.key; }
  const std::string& base() const { return endpoint_.base; }

 protected:
  failure malformed(const std::string& what) const {
    return {failure_kind::broken_stream, name() + "'s answer " + what};
  }

 private:
  provider_endpoint endpoint_;
};

/// A JSON array of numbers as a vector; nothing if it is something else.
std::optional<std::vector<float>> read_vector(std::optional<json_element> array);

std::unique_ptr<provider> make_gemini(provider_endpoint endpoint);
std::unique_ptr<provider> make_ollama(provider_endpoint endpoint);
std::unique_ptr<provider> make_openai(provider_endpoint endpoint);

}  // namespace troupe::models
