#pragma once

/// \file
/// The language model that needs no network and no model: a small conversational
/// agent, honest about being one (DESIGN §8). What it says is in
/// `offline_answer`; this file streams it.
///
/// Thread safety: `open` from any thread; a stream is used by one actor.
/// Units: pace in ns per word; 0 gives every word at once.
/// Errors: none; a request without a user's turn ends `invalid`.
/// Cost: microseconds plus one pass over the request's text.

#include "runtime/ports/language_model.hpp"

#include <chrono>

namespace troupe::models {

class offline_model final : public language_model {
 public:
  explicit offline_model(std::chrono::nanoseconds pace = std::chrono::nanoseconds(0)) : pace_(pace) {}

  std::string name() const override { return "offline"; }
  bool follows_instructions() const override { return false; }

  /// Never calls `wake`: a paced stream says when to ask again instead. Every
  /// delta but the last ends after white space; together they are the answer.
  std::unique_ptr<model_stream> open(const model_request& request, std::function<void()> wake) override;

 private:
  std::chrono::nanoseconds pace_;
};

}  // namespace troupe::models
