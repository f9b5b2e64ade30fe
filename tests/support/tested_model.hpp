#pragma once

/// \file
/// The model that the real program has in tests of what holds with every model:
/// the offline agent or, where the test program's environment says
/// TROUPE_TEST_PROVIDER=gemini, ollama or openai, that provider, played by
/// tests/npm/conversation_mock.mjs.
///
/// Ownership: one mock serves the whole test program and ends with it.
/// Thread safety: the test program's first thread only, with which the mock ends.
/// Errors: throws where a test cannot go on.

#include <map>
#include <string>

namespace troupe::test {

/// As the environment says; empty for the offline agent.
std::string tested_provider();

/// Adds what makes a server use the provider. OFFLINE_PACE_MS, at most 100, is
/// then the pause before each piece of an answer. Settings with a MODEL of their
/// own stay as they are.
std::map<std::string, std::string> with_tested_model(std::map<std::string, std::string> settings);

/// Adds where each provider is, if one server at `url` plays them all, and keys for it.
std::map<std::string, std::string> with_providers_at(const std::string& url,
                                                     std::map<std::string, std::string> settings);

}  // namespace troupe::test
