#pragma once

/// \file
/// The real program with a model at aimock (or anywhere), and Luna clients of it.

#include "aimock.hpp"
#include "model_call.hpp"
#include "support/live_server.hpp"
#include "support/tested_model.hpp"

namespace troupe::test {

inline settings_map settings_of(provider_kind kind, const std::string& url, settings_map more = {}) {
  more["MODEL"] = choice_of(kind).name();
  return with_providers_at(url, std::move(more));
}

/// One request of the older Luna, answered by one frame.
inline std::string text_session(std::string_view action, std::string_view text) {
  return R"({"type":"start_text_session","action":")" + std::string(action) + R"(","selected_text":)"
         + test::quoted(text) + "}";
}

}  // namespace troupe::test
