#include "runtime/log.hpp"

#include "runtime/log_line.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

namespace troupe::log {
namespace {

void write_to_stderr(std::string_view line) {
  auto out = std::string(line) + "\n";
  std::string_view rest(out);
  while (!rest.empty()) {
    auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {  // a terminal shared with a program that made it non-blocking
      pollfd wait{STDERR_FILENO, POLLOUT, 0};
      ::poll(&wait, 1, -1);
      continue;
    }
    if (written <= 0) return;  // a closed standard error has no place left to complain to
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

class output_sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit output_sink(std::function<void(std::string_view)> output) : output_(std::move(output)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    output_({message.payload.data(), message.payload.size()});
  }
  void flush_() override {}

  std::function<void(std::string_view)> output_;
};

/// What exists between `init` and `shutdown`. The pool goes first: its
/// destructor writes what is queued and joins its thread, after which nobody
/// uses logger and sinks.
struct running {
  format form;
  std::shared_ptr<spdlog::async_logger> logger;
  std::shared_ptr<spdlog::details::thread_pool> pool;
};

std::mutex current_mutex;
std::shared_ptr<running> current;  // guarded by current_mutex

constexpr std::size_t tail_kept = 5000;
std::mutex tail_mutex;
std::deque<tail_line> tail_lines;  // guarded by tail_mutex
std::uint64_t tail_count = 0;      // guarded by tail_mutex

void keep(std::chrono::system_clock::time_point now, level at, std::string_view event, std::string_view line) {
  using namespace std::chrono;
  const auto* actor = detail::current_actor;
  tail_line one{0,
                duration_cast<milliseconds>(now.time_since_epoch()).count(),
                at,
                std::string(event),
                actor ? actor->number : 0,
                std::string(line)};
  std::lock_guard lock(tail_mutex);
  one.number = ++tail_count;
  tail_lines.push_back(std::move(one));
  if (tail_lines.size() > tail_kept) tail_lines.pop_front();
}

std::shared_ptr<running> get_current() {
  std::lock_guard lock(current_mutex);
  return current;
}

std::shared_ptr<running> exchange_current(std::shared_ptr<running> next, level lowest) {
  std::lock_guard lock(current_mutex);
  detail::lowest.store(lowest, std::memory_order_relaxed);
  return std::exchange(current, std::move(next));
}

std::shared_ptr<running> start(options wanted) {
  auto output = wanted.output ? std::move(wanted.output) : write_to_stderr;
  std::vector<spdlog::sink_ptr> sinks{std::make_shared<output_sink>(std::move(output))};
  if (wanted.file)
    sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(wanted.file->string(), wanted.file_max_size,
                                                                           wanted.file_count));
  auto made = std::make_shared<running>();
  made->form = wanted.form;
  made->pool = std::make_shared<spdlog::details::thread_pool>(wanted.queue_lines, 1);
  made->logger = std::make_shared<spdlog::async_logger>("troupe", sinks.begin(), sinks.end(), made->pool,
                                                        spdlog::async_overflow_policy::overrun_oldest);
  made->logger->set_pattern("%v");
  made->logger->set_level(spdlog::level::trace);
  // On the log's own thread; otherwise the last lines before a kill are lost.
  made->logger->flush_on(spdlog::level::trace);
  return made;
}

void put(running& to, level at, std::string_view event, fields with) {
  const auto now = std::chrono::system_clock::now();
  auto line = detail::format_line(to.form, now, at, event, with);
  keep(now, at, event, line);
  to.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void finish(std::shared_ptr<running> ending) {
  if (!ending) return;
  if (auto count = ending->pool->overrun_counter()) put(*ending, level::warn, "log_lines_dropped", {{"count", count}});
}

}  // namespace

namespace detail {

std::atomic<level> lowest{level::warn};

void write(level at, std::string_view event, fields with) {
  if (auto running = get_current())
    put(*running, at, event, with);
  else
    write_to_stderr(format_line(format::text, std::chrono::system_clock::now(), at, event, with));
}

}  // namespace detail

options options_of(const config::settings& settings) {
  options out;
  out.lowest = settings.log_level;
  out.form = settings.log_format;
  if (settings.logs_to_file()) out.file = settings.log_file();
  out.file_max_size = settings.log_file_max_size;
  out.file_count = settings.log_file_count;
  return out;
}

expected<void> init(options wanted) {
  auto lowest = wanted.lowest;
  auto file = wanted.file;
  try {
    finish(exchange_current(start(std::move(wanted)), lowest));
  } catch (const spdlog::spdlog_ex& error) {
    return failure{failure_kind::unavailable,
                   "the log file " + (file ? file->string() : "") + " cannot be opened: " + error.what()};
  }
  return {};
}

void shutdown() {
  finish(exchange_current(nullptr, level::warn));
}

std::vector<tail_line> tail(std::size_t limit, std::uint64_t actor, level from, std::string_view part) {
  std::vector<tail_line> out;
  std::lock_guard lock(tail_mutex);
  for (auto line = tail_lines.rbegin(); line != tail_lines.rend() && out.size() < limit; ++line)
    if ((actor == 0 || line->actor == actor) && line->severity >= from && line->text.find(part) != std::string::npos)
      out.push_back(*line);
  std::reverse(out.begin(), out.end());
  return out;
}

std::optional<level> level_of(std::string_view name) {
  for (const auto each : {level::trace, level::debug, level::info, level::warn, level::error})
    if (config::name_of(each) == name) return each;
  return std::nullopt;
}

std::uint64_t dropped_lines() {
  auto running = get_current();
  return running ? running->pool->overrun_counter() : 0;
}

}  // namespace troupe::log
