#pragma once

/// \file
/// Where the programs of tests/npm are, and the Node that runs them. `./dev
/// setup` puts them there.
///
/// Thread safety: pure. Errors: throws, naming what is missing.

#include <string>
#include <string_view>

namespace troupe::test {

/// `path` is relative to tests/npm.
std::string npm_file(std::string_view path);

std::string node_program();

}  // namespace troupe::test
