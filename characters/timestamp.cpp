#include "characters/inner_life.hpp"

#include <chrono>
#include <ctime>

namespace troupe::characters {
namespace {

constexpr std::int64_t second_us = 1'000'000;

/// Reads a time from its front.
class time_reader {
 public:
  explicit time_reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  bool take(std::string_view one_of) {
    if (rest_.empty() || one_of.find(rest_[0]) == std::string_view::npos) return false;
    taken_ = rest_[0];
    rest_.remove_prefix(1);
    return true;
  }
  char taken() const { return taken_; }

  std::optional<int> digits(std::size_t count, int least, int most) {
    int value = 0;
    if (rest_.size() < count) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    if (value < least || value > most) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

  /// The digits of a fraction of a second, in µs; nothing without a digit.
  std::optional<std::int64_t> fraction() {
    std::int64_t value = 0;
    std::int64_t unit = second_us;
    std::size_t count = 0;
    for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
      unit /= 10;
      value += unit * (rest_[count] - '0');
    }
    if (count == 0) return std::nullopt;
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
  char taken_ = 0;
};

struct clock_reading {
  std::chrono::year_month_day date;
  int hour = 0, minute = 0, second = 0;
  std::int64_t us = 0;
};

std::optional<clock_reading> read_clock(time_reader& text) {
  clock_reading reading;
  const auto year = text.digits(4, 1, 9999);
  if (!year || !text.take("-")) return std::nullopt;
  const auto month = text.digits(2, 1, 12);
  if (!month || !text.take("-")) return std::nullopt;
  const auto day = text.digits(2, 1, 31);
  if (!day || !text.take("Tt ")) return std::nullopt;
  reading.date = std::chrono::year(*year) / std::chrono::month(static_cast<unsigned>(*month))
                 / std::chrono::day(static_cast<unsigned>(*day));
  const auto hour = text.digits(2, 0, 23);
  if (!reading.date.ok() || !hour || !text.take(":")) return std::nullopt;
  const auto minute = text.digits(2, 0, 59);
  if (!minute) return std::nullopt;
  reading.hour = *hour;
  reading.minute = *minute;
  if (!text.take(":")) return reading;
  const auto second = text.digits(2, 0, 59);
  if (!second) return std::nullopt;
  reading.second = *second;
  if (!text.take(".,")) return reading;
  const auto us = text.fraction();
  if (!us) return std::nullopt;
  reading.us = *us;
  return reading;
}

/// Seconds since the epoch of a local time; an hour that is there twice is the system's choice.
std::optional<std::int64_t> local_seconds(const clock_reading& reading) {
  std::tm local{};
  local.tm_year = static_cast<int>(reading.date.year()) - 1900;
  local.tm_mon = static_cast<int>(static_cast<unsigned>(reading.date.month())) - 1;
  local.tm_mday = static_cast<int>(static_cast<unsigned>(reading.date.day()));
  local.tm_hour = reading.hour;
  local.tm_min = reading.minute;
  local.tm_sec = reading.second;
  local.tm_isdst = -1;
  local.tm_wday = -1;
  const std::time_t seconds = std::mktime(&local);
  if (local.tm_wday == -1) return std::nullopt;
  return seconds;
}

}  // namespace

std::optional<std::int64_t> read_timestamp(std::string_view text) {
  time_reader reader(text);
  const auto reading = read_clock(reader);
  if (!reading) return std::nullopt;
  if (reader.done()) {
    const auto seconds = local_seconds(*reading);
    if (!seconds) return std::nullopt;
    return *seconds * second_us + reading->us;
  }
  std::int64_t offset = 0;
  if (!reader.take("Zz")) {
    if (!reader.take("+-")) return std::nullopt;
    const int sign = reader.taken() == '-' ? -1 : 1;
    const auto hours = reader.digits(2, 0, 23);
    if (!hours) return std::nullopt;
    std::optional<int> minutes = 0;
    if (reader.take(":") || !reader.done()) minutes = reader.digits(2, 0, 59);
    if (!minutes) return std::nullopt;
    offset = sign * (*hours * 3600 + *minutes * 60);
  }
  if (!reader.done()) return std::nullopt;
  const auto days = std::chrono::sys_days(reading->date).time_since_epoch().count();
  const std::int64_t seconds = days * 86'400LL + reading->hour * 3600 + reading->minute * 60 + reading->second - offset;
  return seconds * second_us + reading->us;
}

}  // namespace troupe::characters
