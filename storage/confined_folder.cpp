#include "storage/confined_folder.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace troupe::storage {

namespace {

class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor() { close(); }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  /// False if what was written may be lost.
  bool close() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_ = -1;
};

/// "file name" as it stands in messages: the name was checked, it holds no control characters.
failure system_failure(std::string_view what, std::string_view name, int error) {
  std::string text = "the file " + std::string(name);
  if (error == ENOENT || error == ENOTDIR) return {failure_kind::not_found, text + " does not exist"};
  if (error == ELOOP || error == EXDEV)
    return {failure_kind::invalid, text + " is a symbolic link that leads out of its folder"};
  if (error == EISDIR) return {failure_kind::invalid, text + " is a folder"};
  text += " cannot be " + std::string(what) + ": ";
  return {failure_kind::unavailable, text + std::generic_category().message(error)};
}

/// Component by component, following no link.
descriptor open_stepwise(int folder, const std::string& name) {
  descriptor at;
  std::size_t begin = 0;
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', begin)) {
    const auto part = name.substr(begin, slash - begin);
    at = descriptor(::openat(at ? at.get() : folder, part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!at) return {};
    begin = slash + 1;
  }
  return descriptor(::openat(at ? at.get() : folder, name.c_str() + begin,
                             O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
}

descriptor open_beneath(int folder, const std::string& name) {
  open_how how{};
  how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  // EAGAIN: something was renamed meanwhile.
  for (int tries = 0; tries < 16; ++tries) {
    const auto number = ::syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how);
    if (number >= 0) return descriptor(static_cast<int>(number));
    if (errno == ENOSYS || errno == EPERM) return open_stepwise(folder, name);  // EPERM: seccomp of old containers
    if (errno != EAGAIN && errno != EINTR) return {};
  }
  return {};
}

expected<descriptor> open_folder(const std::filesystem::path& root) {
  descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) return folder;
  const auto error = errno;
  if (error == ENOENT) return failure{failure_kind::not_found, "the folder " + root.string() + " does not exist"};
  return failure{failure_kind::unavailable,
                 "the folder " + root.string() + " cannot be opened: " + std::generic_category().message(error)};
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string temporary_name() {
  // Not the process id and a count: a file that a crash left behind has those.
  std::uint64_t random = 0;
  while (::getrandom(&random, sizeof random, 0) != sizeof random) {
  }
  return ".troupe-" + std::to_string(random) + ".tmp";
}

}  // namespace

expected<void> check_file_name(std::string_view name, bool below, std::string_view field) {
  const auto refused = [&](const std::string& rule) {
    return failure{failure_kind::invalid, std::string(field) + rule};
  };
  if (name.empty()) return refused(": must not be empty");
  if (name.size() > longest_file_name) return refused(": must not be longer than 200 bytes");
  if (std::ranges::any_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return refused(": must not hold control characters");
  if (name.front() == '/') return refused(": must not be an absolute path");
  if (!below && name.find('/') != std::string_view::npos) return refused(": must be a plain name, without a folder");
  for (std::size_t begin = 0; begin <= name.size();) {
    const auto end = std::min(name.find('/', begin), name.size());
    const auto part = name.substr(begin, end - begin);
    if (part.empty()) return refused(": must not have an empty part");
    if (part.front() == '.') return refused(": no part of it may begin with a dot");
    begin = end + 1;
  }
  return {};
}

expected<std::string> confined_folder::read(std::string_view name, std::size_t largest) const {
  if (auto valid = check_file_name(name, true, "filename"); !valid) return valid.error();
  auto folder = open_folder(root_);
  if (!folder) {
    if (folder.error().kind == failure_kind::not_found) return system_failure("opened", name, ENOENT);
    return folder.error();
  }
  const auto file = open_beneath(folder->get(), std::string(name));
  if (!file) return system_failure("opened", name, errno);
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return system_failure("read", name, errno);
  if (S_ISDIR(about.st_mode)) return system_failure("read", name, EISDIR);
  if (!S_ISREG(about.st_mode))
    return failure{failure_kind::invalid, "the file " + std::string(name) + " is no plain file"};
  const auto too_large = failure{
      failure_kind::invalid, "the file " + std::string(name) + " is larger than " + std::to_string(largest) + " bytes"};
  if (static_cast<std::uint64_t>(about.st_size) > largest) return too_large;
  std::string bytes;
  for (;;) {
    char buffer[16384];
    const auto count = ::read(file.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_failure("read", name, errno);
    if (count == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(count));
    if (bytes.size() > largest) return too_large;  // it grows while it is read
  }
}

expected<void> confined_folder::write(std::string_view name, std::string_view bytes) const {
  if (auto valid = check_file_name(name, false, "filename"); !valid) return valid.error();
  std::error_code code;
  // Only what was made here is closed to others: the folder may be somebody's own.
  if (std::filesystem::create_directories(root_, code))
    std::filesystem::permissions(root_, std::filesystem::perms::owner_all, code);
  auto folder = open_folder(root_);
  if (!folder) return folder.error();
  const auto at = folder->get();
  const auto temporary = temporary_name();
  const auto target = std::string(name);
  descriptor file(::openat(at, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return system_failure("written", name, errno);
  const auto give_up = [&](int error) {
    ::unlinkat(at, temporary.c_str(), 0);
    return system_failure("written", name, error);
  };
  if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close()) return give_up(errno);
  if (::renameat(at, temporary.c_str(), at, target.c_str()) != 0) return give_up(errno);
  if (::fsync(at) != 0) return system_failure("written", name, errno);
  return {};
}

expected<std::vector<std::string>> confined_folder::names() const {
  std::vector<std::string> found;
  auto folder = open_folder(root_);
  if (!folder) {
    if (folder.error().kind == failure_kind::not_found) return found;
    return folder.error();
  }
  std::error_code code;
  for (std::filesystem::directory_iterator each(root_, code), end; !code && each != end; each.increment(code)) {
    std::error_code ignored;
    if (each->is_regular_file(ignored)) found.push_back(each->path().filename().string());
  }
  if (code)
    return failure{failure_kind::unavailable, "the folder " + root_.string() + " cannot be read: " + code.message()};
  std::ranges::sort(found);
  return found;
}

}  // namespace troupe::storage
