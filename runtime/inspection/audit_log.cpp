#include "runtime/inspection/audit_log.hpp"

#include "runtime/inspection/json_fields.hpp"

#include <boost/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace troupe {
namespace {

constexpr std::size_t kept = 500;

failure system_failure(const char* what) {
  return {failure_kind::unavailable, std::string("the record of acts cannot be ") + what + ": " + std::strerror(errno)};
}

std::string line_of(const audit_log::entry& one) {
  std::string out;
  {
    json_object to(out);
    to.number("number", one.number).number("at", one.at).text("who", one.who).text("act", one.act);
    to.text("target", one.target).text("outcome", one.outcome);
  }
  return out + "\n";
}

/// Nothing if the line is none of ours: one torn by a full disk, say.
bool parse_line(const std::string& line, audit_log::entry& into) {
  boost::system::error_code error;
  const auto root = boost::json::parse(line, error);
  const auto* object = error ? nullptr : root.if_object();
  if (object == nullptr) return false;
  const auto text = [&](const char* name) {
    const auto* value = object->if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  const auto number = [&](const char* name) {
    const auto* value = object->if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
  };
  into = {static_cast<std::uint64_t>(number("number")),
          number("at"),
          text("who"),
          text("act"),
          text("target"),
          text("outcome")};
  return into.number != 0;
}

}  // namespace

audit_log::~audit_log() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

expected<void> audit_log::open(const std::filesystem::path& file) {
  bool torn = false;
  {
    std::ifstream in(file, std::ios::binary);
    std::string line;
    entry one;
    while (std::getline(in, line)) {
      torn = in.eof();
      if (parse_line(line, one)) keep(std::move(one));
    }
  }
  descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor_ < 0) return system_failure("opened");
  if (torn && ::write(descriptor_, "\n", 1) != 1) return system_failure("written");
  return {};
}

expected<std::uint64_t> audit_log::begin(std::int64_t at, std::string who, std::string act, std::string target) {
  entry one{next_, at, std::move(who), std::move(act), std::move(target), "begun"};
  if (auto written = write(one); !written) return written.error();
  keep(std::move(one));
  return next_ - 1;
}

expected<void> audit_log::finish(std::uint64_t number, std::int64_t at, std::string outcome) {
  const auto found = std::find_if(recent_.begin(), recent_.end(), [&](auto& each) { return each.number == number; });
  if (found == recent_.end()) return {};
  auto ended = *found;
  ended.at = at;
  ended.outcome = outcome;
  found->outcome = std::move(outcome);
  return write(ended);
}

expected<void> audit_log::write(const entry& one) {
  if (descriptor_ < 0) {
    errno = EBADF;
    return system_failure("written");
  }
  const auto line = line_of(one);
  const auto written = ::write(descriptor_, line.data(), line.size());
  if (written == static_cast<ssize_t>(line.size()) && ::fdatasync(descriptor_) == 0) return {};
  const auto failed = system_failure("written");
  // What was torn off must not run into the next line.
  if (written > 0 && written < static_cast<ssize_t>(line.size()) && ::write(descriptor_, "\n", 1) != 1) return failed;
  return failed;
}

/// The second line of a number is its outcome.
void audit_log::keep(entry one) {
  next_ = std::max(next_, one.number + 1);
  const auto found =
      std::find_if(recent_.begin(), recent_.end(), [&](auto& each) { return each.number == one.number; });
  if (found != recent_.end()) {
    found->outcome = std::move(one.outcome);
    return;
  }
  recent_.push_front(std::move(one));
  if (recent_.size() > kept) recent_.pop_back();
}

}  // namespace troupe
