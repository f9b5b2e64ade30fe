#include "tools/builtin/current_datetime.hpp"

#include "runtime/ports/clock.hpp"

#include <cstdio>
#include <ctime>

namespace troupe::tools {
namespace {

std::string date_and_time(const std::tm& time) {
  char text[32];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &time);
  return {text, length};
}

std::string offset(long seconds) {
  const long minutes = (seconds < 0 ? -seconds : seconds) / 60;
  char text[16];
  std::snprintf(text, sizeof text, "%c%02ld:%02ld", seconds < 0 ? '-' : '+', minutes / 60 % 100, minutes % 60);
  return text;
}

std::string weekday(const std::tm& time) {
  static constexpr const char* names[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
  return names[time.tm_wday];
}

}  // namespace

builtin_tool current_datetime(const clock_port& clock) {
  builtin_tool made;
  made.spec.name = "get_current_datetime";
  made.spec.description = "Returns the current date and time in UTC and in the server's own time zone, as ISO 8601.";
  made.spec.schema = R"({"type":"object","properties":{},"additionalProperties":false})";
  made.run = [&clock](json_object) -> expected<std::string> {
    const std::time_t now = clock.wall_ms() / 1000;
    std::tm utc{}, local{};
    if (!gmtime_r(&now, &utc) || !localtime_r(&now, &local))
      return failure{failure_kind::internal, "the clock shows no valid time"};
    return "{\"utc\":\"" + date_and_time(utc) + "Z\",\"local\":\"" + date_and_time(local) + offset(local.tm_gmtoff)
           + "\",\"weekday\":\"" + weekday(local) + "\"}";
  };
  return made;
}

}  // namespace troupe::tools
