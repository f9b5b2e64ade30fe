#include "support/catch.hpp"

#include "runtime/metrics.hpp"
#include "runtime/system_clock_port.hpp"
#include "runtime/system_random.hpp"
#include "runtime/thread_pool.hpp"

#include <atomic>
#include <future>
#include <set>
#include <stdexcept>

using namespace troupe;

TEST_CASE("the system's clocks run forward") {
  system_clock_port clock;
  const auto before = clock.monotonic_ns();
  CHECK(clock.monotonic_ns() >= before);
  CHECK(clock.wall_ms() > 1'700'000'000'000);
}

TEST_CASE("the system's random source fills every byte and does not repeat") {
  system_random random;
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random.hex(16));
  CHECK(seen.size() == 100);
  std::vector<unsigned char> bytes(100'000, 0);
  random.fill(bytes.data(), bytes.size());
  CHECK(std::set<unsigned char>(bytes.end() - 5000, bytes.end()).size() > 200);
  const auto uuid = random.uuid();
  CHECK(uuid.size() == 36);
  CHECK(uuid[14] == '4');
}

TEST_CASE("the pool runs what it took, also while it stops") {
  std::atomic<int> ran{0};
  {
    thread_pool pool(2, 1000);
    for (int i = 0; i < 500; ++i) REQUIRE(pool.submit([&] { ++ran; }));
  }
  CHECK(ran == 500);
}

TEST_CASE("a full pool refuses work instead of keeping it") {
  thread_pool pool(1, 2);
  std::promise<void> started, release;
  auto released = release.get_future().share();
  REQUIRE(pool.submit([&started, released] {
    started.set_value();
    released.wait();
  }));
  started.get_future().wait();
  CHECK(pool.submit([] {}));
  CHECK(pool.submit([] {}));
  CHECK_FALSE(pool.submit([] {}));
  CHECK(pool.queued() == 2);
  release.set_value();
  pool.stop();
  CHECK_FALSE(pool.submit([] {}));
}

TEST_CASE("work that throws costs the pool no thread") {
  thread_pool pool(1, 10);
  std::promise<void> done;
  REQUIRE(pool.submit([] { throw std::runtime_error("no"); }));
  REQUIRE(pool.submit([&] { done.set_value(); }));
  done.get_future().wait();
  CHECK(pool.faults() == 1);
}

TEST_CASE("a gauge counts what is there") {
  metrics counted;
  {
    gauge_guard one(counted.active_clients);
    gauge_guard two(counted.active_clients);
    gauge_guard moved(std::move(two));
    CHECK(counted.active_clients == 2);
  }
  CHECK(counted.active_clients == 0);
}
