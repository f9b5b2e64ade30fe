#pragma once

/// Reading, writing and copying a store's raw files behind RocksDB's back.

#include "runtime/messages/journal.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace troupe::test {

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline std::vector<std::string> files_of(const std::string& folder, const std::string& extension = {}) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && (extension.empty() || entry.path().extension() == extension))
      found.push_back(entry.path());
  return found;
}

/// The log with the most bytes: the one in use.
inline std::string log_of(const std::string& folder) {
  std::string largest;
  for (const auto& file : files_of(folder, ".log"))
    if (largest.empty() || std::filesystem::file_size(file) > std::filesystem::file_size(largest)) largest = file;
  return largest;
}

inline bool files_hold(const std::string& folder, const std::string& text) {
  for (const auto& file : files_of(folder))
    if (read_file(file).find(text) != std::string::npos) return true;
  return false;
}

/// The store as a crash at this moment would leave it.
inline void copy_store(const std::string& from, const std::string& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

inline write_op put(column where, std::string key, std::string value) {
  return {write_kind::put, where, std::move(key), std::move(value)};
}

}  // namespace troupe::test
