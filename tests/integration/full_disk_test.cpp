/// DESIGN section 6: on a full disk new turns get a clear error, the server goes
/// on, and after space is freed turns work again. Nothing acknowledged is lost.
///
/// Needs to mount a small file system, so it is skipped without that right.

#include "support/catch.hpp"
#include "support/live_server.hpp"

#include <sys/mount.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

using namespace troupe::test;

namespace {

class small_disk {
 public:
  small_disk() {
    path_ = folder_.file("disk");
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=24m,mode=700") == 0;
    if (!mounted_) reason_ = std::strerror(errno);
  }
  ~small_disk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  small_disk(const small_disk&) = delete;

  bool mounted() const { return mounted_; }
  const std::string& reason() const { return reason_; }
  const std::string& path() const { return path_; }

  /// Takes what is free, to the last byte.
  void fill() const {
    const int file = ::open((path_ + "/filler").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    const std::string block(65536, 'x');
    for (std::size_t size = block.size(); size > 0;)
      if (::write(file, block.data(), size) < 0) size /= 2;
    ::close(file);
  }
  void clear() const { std::filesystem::remove(path_ + "/filler"); }

 private:
  temporary_folder folder_;
  std::string path_;
  std::string reason_;
  bool mounted_ = false;
};

std::string fact(int number) {
  return "My box number " + std::to_string(number) + " holds the thing " + std::to_string(number * 7) + ".";
}

}  // namespace

TEST_CASE("a full disk costs new turns only, and nothing that was acknowledged") {
  small_disk disk;
  if (!disk.mounted()) {
    WARN("skipped: a small file system cannot be mounted here: " << disk.reason());
    return;
  }
  live_server server(settings_map{{"LOG_LEVEL", "error"}}, {}, disk.path() + "/data");
  auto client = server.connect();
  auto idle = server.connect();
  int acknowledged = 0;
  const auto tell = [&] {
    auto answer = client.request(text_action("chat", fact(acknowledged + 1)));
    acknowledged += answer.complete();
    return answer;
  };
  for (int i = 0; i < 5; ++i) CHECK(tell().complete());
  disk.fill();
  // What the log has room for yet is acknowledged still, honestly.
  luna_answer refused;
  // That room is reserved, some megabytes of it: texts of 50 kB use it up.
  const std::string large = text_action("explain", std::string(50'000, 'x'));
  for (int i = 0; i < 2000; ++i) {
    refused = client.request(large);
    if (!refused.complete()) break;
  }
  REQUIRE(type_of(refused.end) == "error");
  INFO(text_of(refused.end, "error"));
  CHECK(text_of(refused.end, "error").find("stor") != std::string::npos);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(tell().complete());
  CHECK(server.http().get("/health").status == 200);
  CHECK(idle.silent());
  CHECK(server.connect().silent());

  disk.clear();
  const auto end = std::chrono::steady_clock::now() + patience;
  bool again = false;
  while (!again && std::chrono::steady_clock::now() < end) again = tell().complete();
  CHECK(again);
  for (int i = 0; i < 5; ++i) CHECK(tell().complete());
  server.crash();
  server.start();
  const auto listed = server.command({"memory", "list", "--space", "default", "--k", "1000"});
  REQUIRE(listed.status == 0);
  CHECK(acknowledged >= 11);
  for (int number = 1; number <= acknowledged; ++number) {
    INFO(fact(number));
    CHECK(listed.out.find("number " + std::to_string(number) + " holds") != std::string::npos);
  }
}
