#pragma once

/// \file
/// The providers of models/ over the real HTTP client, and one call read as a
/// model actor reads it: polls, waits for `wake` or until it is time.

#include "models/model_list.hpp"
#include "models/provider_settings.hpp"
#include "models/remote_embedder.hpp"
#include "net/upstream/curl_client.hpp"
#include "runtime/ports/language_model.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::test {

using namespace std::chrono_literals;
using models::provider_kind;

inline constexpr provider_kind every_provider[] = {provider_kind::gemini, provider_kind::ollama, provider_kind::openai};

inline std::string name_of(provider_kind kind) {
  return kind == provider_kind::gemini ? "gemini" : kind == provider_kind::ollama ? "ollama" : "openai";
}

/// Passes requests on, with a stall limit that a test has the time for.
class hasty_client final : public troupe::http_client {
 public:
  hasty_client(std::shared_ptr<troupe::http_client> inner, std::chrono::milliseconds stall_limit)
      : inner_(std::move(inner)), stall_limit_(stall_limit) {}
  std::unique_ptr<http_transfer> open(http_request request, std::function<void()> wake) override {
    request.stall_limit = stall_limit_;
    return inner_->open(std::move(request), std::move(wake));
  }

 private:
  std::shared_ptr<troupe::http_client> inner_;
  std::chrono::milliseconds stall_limit_;
};

inline std::shared_ptr<troupe::http_client> real_client() {
  auto made = upstream::curl_client::make();
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

inline config::values settings_at(const std::string& url) {
  config::values out{};
  out.google_gemini_base_url = url;
  out.google_api_key = "test-key";
  out.ollama_base_url = url;
  out.openai_base_url = url + "/v1";
  out.openai_api_key = "test-key";
  return out;
}

inline models::model_choice choice_of(provider_kind kind, std::string model = {}) {
  if (model.empty())
    model = kind == provider_kind::gemini   ? "gemini-2.5-flash"
            : kind == provider_kind::ollama ? "llama3.2"
                                            : "gpt-4o-mini";
  return {kind, std::move(model), "test"};
}

inline std::shared_ptr<language_model> model_at(const std::string& url, provider_kind kind,
                                                std::shared_ptr<troupe::http_client> client = real_client()) {
  auto made = models::make_language_model(choice_of(kind), settings_at(url), std::move(client));
  if (!made) throw std::runtime_error(made.error().message);
  return *made;
}

inline model_request asking(std::string words) {
  model_request out;
  out.system = "You are a test.";
  chat_message message;
  message.text = std::move(words);
  out.messages.push_back(std::move(message));
  return out;
}

/// Rung by `wake`, from any thread.
class bell {
 public:
  void ring() {
    std::lock_guard guard(mutex_);
    rung_ = true;
    changed_.notify_all();
  }
  /// False if it did not ring in time.
  bool wait(std::chrono::nanoseconds limit) {
    std::unique_lock lock(mutex_);
    const bool rung = changed_.wait_for(lock, limit, [this] { return rung_; });
    rung_ = false;
    return rung;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

struct model_answer {
  std::string text, thoughts;
  int deltas = 0;
  std::vector<tool_call> calls;
  model_event end;
  int ends = 0;
};

class model_call {
 public:
  model_call(language_model& model, const model_request& request)
      : bell_(std::make_shared<bell>()), stream_(model.open(request, [b = bell_] { b->ring(); })) {}

  model_event next() {
    for (;;) {
      auto result = stream_->poll();
      if (result.event) return std::move(*result.event);
      const auto limit = result.not_before.value_or(20s);
      if (!bell_->wait(limit) && !result.not_before) throw std::runtime_error("nothing came of a call in 20 s");
    }
  }

  /// What is left, up to the end and a little beyond.
  model_answer rest() {
    model_answer out;
    while (out.ends == 0) take(out, next());
    for (int i = 0; i < 3; ++i)
      if (auto more = stream_->poll().event) take(out, std::move(*more));
    return out;
  }

  void destroy() { stream_.reset(); }

 private:
  static void take(model_answer& out, model_event event) {
    using kind = model_event::kind;
    if (event.what == kind::delta) {
      out.text += event.text;
      ++out.deltas;
    }
    if (event.what == kind::thought) out.thoughts += event.text;
    if (event.what == kind::call) out.calls.push_back(std::move(event.call));
    if (event.what == kind::ended) {
      ++out.ends;
      out.end = std::move(event);
    }
  }

  std::shared_ptr<bell> bell_;
  std::unique_ptr<model_stream> stream_;
};

inline model_answer ask(language_model& model, const model_request& request) {
  return model_call(model, request).rest();
}

}  // namespace troupe::test
