#pragma once

/// \file
/// From the settings (MODEL, EMBEDDER, keys and base URLs) to language models
/// and embedders.
///
/// Ownership: what is made shares the client it is given.
/// Thread safety: pure; what is made says so itself.
/// Errors: `invalid`, naming setting, value and rule. A missing key is none:
/// the model is made, and each of its calls ends with `auth` (DESIGN §8: under
/// --like the contract's error is due, and the server runs).

#include "config/settings.hpp"
#include "models/provider.hpp"
#include "runtime/ports/language_model.hpp"

#include <memory>
#include <string>

namespace troupe::models {

enum class provider_kind : std::uint8_t { offline, gemini, ollama, openai };

struct model_choice {
  provider_kind kind = provider_kind::offline;
  std::string model;   ///< the provider's name for it; empty for offline
  std::string reason;  ///< for the start-up line: "MODEL", "GOOGLE_API_KEY is set", ...

  /// As in MODEL: "gemini:gemini-2.5-flash", "offline".
  std::string name() const;
};

/// "gemini:gemini-2.5-flash", or "gemini" for the provider's usual model.
expected<model_choice> choose_model(const config::values& settings);
expected<model_choice> choose_embedder(const config::values& settings);

/// Null for offline. Errors: an OLLAMA_HOST that is none.
expected<std::shared_ptr<const provider>> make_provider(provider_kind kind, const config::values& settings);

expected<std::shared_ptr<language_model>> make_language_model(const model_choice& choice,
                                                              const config::values& settings,
                                                              std::shared_ptr<http_client> client);

/// Null for offline, whose `embedder` needs no batches.
expected<std::shared_ptr<batch_embedder>> make_batch_embedder(const model_choice& choice,
                                                              const config::values& settings,
                                                              std::shared_ptr<http_client> client);

/// OLLAMA_HOST as a base URL: a missing scheme is http, a missing host
/// 127.0.0.1, a missing port 11434 (of a URL: its scheme's own).
expected<std::string> ollama_base(const std::string& host);

}  // namespace troupe::models
