#pragma once

/// \file
/// The test's side of control.hpp: arms a kill point, and cuts the power
/// afterwards.
///
///     kill_point point(folder.file("control"));
///     live_server server(point.settings());
///     point.arm(kill_at::before_sync, "bytes of the write");
///     server.wait();                      // 128 + SIGKILL
///     point.cut_power();                  // what was not synced is gone
///     point.disarm();
///
/// Ownership: the control page ends with this object. Thread safety: none.
/// Errors: throws where a test cannot go on.

#include "support/kill_points/control.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace troupe::test {

class kill_point {
 public:
  explicit kill_point(std::string path) : path_(std::move(path)) {
    const int file = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ::ftruncate(file, sizeof(kill_control)) != 0) throw std::runtime_error("cannot make " + path_);
    void* page = ::mmap(nullptr, sizeof(kill_control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (page == MAP_FAILED) throw std::runtime_error("cannot map " + path_);
    control_ = new (page) kill_control{};
  }
  ~kill_point() { ::munmap(control_, sizeof(kill_control)); }
  kill_point(const kill_point&) = delete;
  kill_point& operator=(const kill_point&) = delete;

  /// What the program is started with.
  std::map<std::string, std::string> settings() const {
    std::map<std::string, std::string> out{{"LD_PRELOAD", TROUPE_KILL_POINTS}, {kill_control_variable, path_}};
    // It wants to be the first library of all; it intercepts what ours calls all the same.
    const char* asan = std::getenv("ASAN_OPTIONS");
    out["ASAN_OPTIONS"] = (asan ? std::string(asan) + ":" : "") + "verify_asan_link_order=0";
    return out;
  }

  void arm(kill_at where, std::string_view mark) {
    if (control_->loaded != kill_control::is_loaded) throw std::runtime_error("the kill points are not loaded");
    if (mark.size() >= control_->mark.size()) throw std::runtime_error("the mark is too long");
    control_->mark.fill(0);
    std::memcpy(control_->mark.data(), mark.data(), mark.size());
    control_->reached = 0;
    control_->where = where;
  }
  void disarm() { control_->where = kill_at::never; }
  bool reached() const { return control_->reached != 0; }

  /// Takes away what the ended program wrote to its log and did not sync.
  void cut_power() {
    if (control_->log_path[0] == 0) throw std::runtime_error("nothing was written to a log");
    if (::truncate(control_->log_path.data(), static_cast<off_t>(control_->log_synced.load())) != 0)
      throw std::runtime_error(std::string("cannot cut the log: ") + std::strerror(errno));
  }

 private:
  std::string path_;
  kill_control* control_ = nullptr;
};

}  // namespace troupe::test
