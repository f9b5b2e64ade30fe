// The same for a tool that is a process of the server's own, whose trace is a
// file: what it did stands there whoever has died since.

#include "stage.hpp"

#include <poll.h>
#include <sys/stat.h>

using namespace troupe::test;

namespace {

/// A FIFO that is open at both ends here, so that opening it blocks nobody.
class fifo {
 public:
  explicit fifo(std::string path) : path_(std::move(path)) {
    if (::mkfifo(path_.c_str(), 0600) != 0) throw std::runtime_error("cannot make " + path_);
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  }
  ~fifo() { ::close(descriptor_); }
  fifo(const fifo&) = delete;
  fifo& operator=(const fifo&) = delete;
  const std::string& path() const { return path_; }
  bool wait() {
    pollfd waiting{descriptor_, POLLIN, 0};
    char byte = 0;
    return ::poll(&waiting, 1, static_cast<int>(patience.count())) == 1 && ::read(descriptor_, &byte, 1) == 1;
  }
  void write() { CHECK(::write(descriptor_, "!", 1) == 1); }

 private:
  std::string path_;
  int descriptor_ = -1;
};

struct named_point {
  const char* name;
  kill_at where;  ///< `never`: while the tool is running
  const char* mark;
  const char* ledger;
  known after_kill;
};

}  // namespace

TEST_CASE("a tool that is a process of the server's is not run twice by a server that died beside it") {
  const named_point here = GENERATE(values<named_point>({
      {"before the call is written to its pipe", kill_at::before_send, R"("arguments":{"ticket":"A1"})", "",
       known::begun},
      {"the tool is running", kill_at::never, "", "A1\n", known::begun},
      {"the tool has answered, nothing is written", kill_at::before_write, R"("content":"paid for A1")", "A1\n",
       known::begun},
      {"the result is durable, nobody knows it", kill_at::after_sync, R"("content":"paid for A1")", "A1\n",
       known::finished},
  }));
  CAPTURE(here.name);
  temporary_folder folder;
  fifo started(folder.file("started")), go(folder.file("go"));
  const auto ledger = folder.file("ledger");
  shop around;
  kill_stage stage(around, std::string("command = [") + troupe::test::quoted(TROUPE_PAYING_TOOL) + ", "
                               + troupe::test::quoted(ledger) + ", " + troupe::test::quoted(started.path()) + ", "
                               + troupe::test::quoted(go.path()) + "]\n");
  stage.begin("Spend A1");
  if (here.where != kill_at::never) stage.point().arm(here.where, here.mark);
  around.go().open();
  if (here.where != kill_at::before_send) REQUIRE(started.wait());
  if (here.where == kill_at::never) {
    stage.server().crash();
  } else {
    if (here.where != kill_at::before_send) go.write();
    stage.wait_for_kill();
  }
  CHECK(read_text(ledger) == here.ledger);
  stage.restart(true);
  check_after(stage, around, here.after_kill);
  CHECK(read_text(ledger) == here.ledger);
}
