#include "net/dialects/luna/luna_time.hpp"

#include <chrono>
#include <ctime>

namespace troupe::luna {
namespace {

/// Takes a text apart from its left end; anything unexpected makes it bad.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  int digits(std::size_t count, int least, int most) {
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value < least || value > most ? fail() : value;
  }
  void expect(char wanted) {
    if (!take(wanted)) fail();
  }
  bool take(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  bool at_end() const { return rest_.empty(); }
  bool good() const { return good_; }

 private:
  int fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool good_ = true;
};

/// Milliseconds; further digits are read and dropped.
int fraction(reader& from) {
  int value = from.digits(1, 0, 9) * 100;
  if (from.at_digit()) value += from.digits(1, 0, 9) * 10;
  if (from.at_digit()) value += from.digits(1, 0, 9);
  while (from.at_digit()) from.digits(1, 0, 9);
  return value;
}

/// Seconds east of UTC.
int offset(reader& from, int sign) {
  const int hours = from.digits(2, 0, 23);
  int minutes = 0;
  if (from.take(':') || from.at_digit()) minutes = from.digits(2, 0, 59);
  return sign * (hours * 3600 + minutes * 60);
}

std::optional<std::int64_t> local_seconds(int year, int month, int day, int hour, int minute, int second) {
  std::tm time{};
  time.tm_year = year - 1900;
  time.tm_mon = month - 1;
  time.tm_mday = day;
  time.tm_hour = hour;
  time.tm_min = minute;
  time.tm_sec = second;
  time.tm_isdst = -1;
  time.tm_wday = -1;  // stays so if there is no such time; -1 alone is also a moment of 1969
  const auto seconds = std::mktime(&time);
  if (time.tm_wday == -1) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

}  // namespace

std::optional<iso_time> parse_iso_time(std::string_view text) {
  reader from(text);
  const int year = from.digits(4, 1, 9999);
  from.expect('-');
  const int month = from.digits(2, 1, 12);
  from.expect('-');
  const int day = from.digits(2, 1, 31);
  from.expect('T');
  const int hour = from.digits(2, 0, 23);
  from.expect(':');
  const int minute = from.digits(2, 0, 59);
  const int second = from.take(':') ? from.digits(2, 0, 59) : 0;
  const int millis = from.take('.') ? fraction(from) : 0;
  if (!from.good()) return std::nullopt;
  namespace time = std::chrono;
  const auto date =
      time::year(year) / time::month(static_cast<unsigned>(month)) / time::day(static_cast<unsigned>(day));
  if (!date.ok()) return std::nullopt;
  iso_time out;
  std::optional<std::int64_t> seconds;
  if (from.at_end()) {
    seconds = local_seconds(year, month, day, hour, minute, second);
    if (!seconds) return std::nullopt;
  } else {
    seconds =
        time::sys_days(date).time_since_epoch().count() * std::int64_t{86400} + hour * 3600 + minute * 60 + second;
    out.ends_in_z = from.take('Z');
    if (!out.ends_in_z) {
      const int sign = from.take('-') ? -1 : 1;
      if (sign == 1) from.expect('+');
      *seconds -= offset(from, sign);
    }
    if (!from.good() || !from.at_end()) return std::nullopt;
  }
  out.utc_ms = *seconds * 1000 + millis;
  return out;
}

}  // namespace troupe::luna
