// Loaded by LD_PRELOAD into the program under test: see control.hpp. Only what
// RocksDB (write, fdatasync, fsync), libcurl (send) and pipes to child processes
// (write) use is looked at.

#include "control.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

using troupe::test::kill_at;
using troupe::test::kill_control;

kill_control* control = nullptr;
std::atomic<bool> marked_written = false;

__attribute__((constructor)) void load() {
  const char* path = std::getenv(troupe::test::kill_control_variable);
  const int file = path ? ::open(path, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void* page = ::mmap(nullptr, sizeof(kill_control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  ::close(file);
  if (page == MAP_FAILED) return;
  control = static_cast<kill_control*>(page);
  control->loaded = kill_control::is_loaded;
}

[[noreturn]] void die() {
  control->reached = 1;
  ::syscall(SYS_kill, ::getpid(), SIGKILL);
  for (;;) ::pause();
}

bool is(kill_at where) {
  return control->where.load() == where;
}

bool holds_mark(const void* bytes, std::size_t size) {
  const auto length = std::strlen(control->mark.data());
  return length > 0 && ::memmem(bytes, size, control->mark.data(), length) != nullptr;
}

/// Whether a descriptor is a write-ahead log of RocksDB (NUMBER.log), with its path.
bool is_log(int descriptor, char (&path)[PATH_MAX]) {
  struct stat about {};
  if (::fstat(descriptor, &about) != 0 || !S_ISREG(about.st_mode)) return false;
  char name[64];
  std::snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  const auto size = ::readlink(name, path, sizeof path - 1);
  if (size < 4) return false;
  path[size] = 0;
  return std::strcmp(path + size - 4, ".log") == 0;
}

void note_written(const char (&path)[PATH_MAX], std::size_t size) {
  if (std::strcmp(control->log_path.data(), path) != 0) {
    std::strncpy(control->log_path.data(), path, control->log_path.size() - 1);
    control->log_written = control->log_synced = 0;
  }
  control->log_written += size;
}

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

using sync_function = int (*)(int);

int sync(sync_function next, int descriptor) {
  char path[PATH_MAX];
  if (control == nullptr || !is_log(descriptor, path)) return next(descriptor);
  const bool marked = marked_written;
  const auto written = control->log_written.load();
  if (marked && is(kill_at::before_sync)) die();
  const int result = next(descriptor);
  if (result == 0) control->log_synced = written;
  if (marked && is(kill_at::after_sync)) die();
  return result;
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, std::size_t)>("write");
  char path[PATH_MAX];
  if (control == nullptr) return next(descriptor, bytes, size);
  if (!is_log(descriptor, path)) {
    if (is(kill_at::before_send) && holds_mark(bytes, size)) die();
    return next(descriptor, bytes, size);
  }
  const bool marked = holds_mark(bytes, size);
  if (marked && is(kill_at::before_write)) die();
  const auto done = next(descriptor, bytes, size);
  if (done > 0) note_written(path, static_cast<std::size_t>(done));
  if (marked) marked_written = true;
  return done;
}

ssize_t send(int descriptor, const void* bytes, std::size_t size, int flags) {
  static const auto next = real<ssize_t (*)(int, const void*, std::size_t, int)>("send");
  if (control != nullptr && is(kill_at::before_send) && holds_mark(bytes, size)) die();
  return next(descriptor, bytes, size, flags);
}

int fdatasync(int descriptor) {
  static const auto next = real<sync_function>("fdatasync");
  return sync(next, descriptor);
}

int fsync(int descriptor) {
  static const auto next = real<sync_function>("fsync");
  return sync(next, descriptor);
}
}
