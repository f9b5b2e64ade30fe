#include "runtime/local_timestamp.hpp"

#include <cstdio>
#include <ctime>

namespace troupe {

std::string local_timestamp(std::int64_t us) {
  constexpr std::int64_t second_us = 1'000'000;
  std::int64_t seconds = us / second_us, rest = us % second_us;
  if (rest < 0) {
    rest += second_us;
    --seconds;
  }
  const std::time_t time = seconds;
  std::tm local{};
  localtime_r(&time, &local);
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06d", local.tm_year + 1900, local.tm_mon + 1,
                local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, static_cast<int>(rest));
  return text;
}

}  // namespace troupe
