#include "cli/chat/file_writing.hpp"

#include "config/quote.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace troupe::chat {

namespace {

failure cannot_write(const std::filesystem::path& file, const std::string& why) {
  return {failure_kind::unavailable, "cannot write " + config::printable(file.string()) + ": " + why};
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(descriptor, text.data(), text.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

}  // namespace

expected<void> write_whole(const std::filesystem::path& file, std::string_view text) {
  std::error_code code;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), code);
  if (code) return cannot_write(file, code.message());
  auto draft = file.string() + ".XXXXXX";
  const int descriptor = ::mkostemp(draft.data(), O_CLOEXEC);
  if (descriptor < 0) return cannot_write(file, std::strerror(errno));
  const bool written = write_all(descriptor, text) && ::fsync(descriptor) == 0;
  const int why = errno;
  ::close(descriptor);
  if (!written || ::rename(draft.c_str(), file.c_str()) != 0) {
    const int reason = written ? errno : why;
    ::unlink(draft.c_str());
    return cannot_write(file, std::strerror(reason));
  }
  return {};
}

expected<std::string> json_file_name(std::string_view name) {
  const auto bad = [&](const char* rule) {
    return failure{failure_kind::invalid, "the name " + config::in_quotes(name) + " " + rule};
  };
  if (name.empty()) return bad("must not be empty");
  if (name.find('/') != name.npos) return bad("must be a file's name without folders");
  if (name[0] == '.') return bad("must not begin with a dot");
  if (name.size() > 200) return bad("may be at most 200 bytes long");
  if (std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }))
    return bad("must have no control characters");
  std::string out(name);
  return out.ends_with(".json") ? out : out + ".json";
}

}  // namespace troupe::chat
