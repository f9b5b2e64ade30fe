#pragma once

/// \file
/// Settings as people and programs read them: what `troupe config` prints, and
/// the two files that are made from the table.
///
/// Secrets are shown as `mask`, or as empty when unset. Every rendering ends
/// with a line feed. Thread safety: pure functions.

#include "config/settings.hpp"

namespace troupe::config {

/// Each setting's name, value, source, default, unit, range and help, as text
/// or as a JSON array of objects.
std::string render(const settings& shown, bool json);

/// The content of `.env.example`.
std::string render_env_example();

/// The content of docs/configuration.md.
std::string render_markdown();

}  // namespace troupe::config
