#include "someone.hpp"
#include "support/catch.hpp"

using namespace troupe::characters;
using troupe::local_timestamp;
using namespace troupe::characters::test;

TEST_CASE("a time is written with six digits and without a zone, and read again") {
  const std::string text = local_timestamp(noon + 120'000);
  REQUIRE(text.size() == std::string("2031-04-02T09:15:00.120000").size());
  CHECK(text.substr(19) == ".120000");
  CHECK(read_timestamp(text) == noon + 120'000);
  CHECK(read_timestamp(local_timestamp(-1)) == -1);
  CHECK(local_timestamp(-1).substr(19) == ".999999");
}

TEST_CASE("a time with a zone is the same moment everywhere") {
  // 2031-04-02 00:00 UTC is 1932854400 s after the epoch; 09:15 is 33300 s later.
  const std::int64_t moment = (1'932'854'400 + 33'300) * second;
  CHECK(read_timestamp("2031-04-02T09:15:00Z") == moment);
  CHECK(read_timestamp("2031-04-02T09:15:00.5z") == moment + 500'000);
  CHECK(read_timestamp("2031-04-02 09:15Z") == moment);
  CHECK(read_timestamp("2031-04-02T11:15:00+02:00") == moment);
  CHECK(read_timestamp("2031-04-02T11:15:00+02") == moment);
  CHECK(read_timestamp("2031-04-02T05:45:00-0330") == moment);
  CHECK(read_timestamp("2031-04-02T09:15:00.1234567Z") == moment + 123'456);
}

TEST_CASE("what is no time is not read as one") {
  for (const char* text : {"", "now", "2031-04-02", "2031-13-02T09:15:00", "2031-02-30T09:15:00", "2031-04-02T24:15:00",
                           "2031-04-02T09:60:00", "2031-04-02T09:15:00.", "2031-04-02T09:15:00 ",
                           "2031-04-02T09:15:00+", "2031-04-02T09:15:00+02:", "2031-04-02T09:15:00Zx",
                           "31-04-02T09:15:00", "2031-4-2T9:15:00", "0000-01-01T00:00:00Z"})
    CHECK_FALSE(read_timestamp(text).has_value());
}
