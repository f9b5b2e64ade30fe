#include "net/upstream/line_reader.hpp"

#include <utility>

namespace troupe::upstream {

void line_reader::feed(std::string_view bytes) {
  // What was read is dropped once it is most of the buffer, so no byte moves twice.
  if (read_ > 0 && read_ * 2 >= buffer_.size()) {
    buffer_.erase(0, read_);
    scanned_ -= read_;
    read_ = 0;
  }
  buffer_ += bytes;
}

expected<std::optional<std::string>> line_reader::next() {
  while (!failed_) {
    const auto end = buffer_.find('\n', scanned_);
    const bool whole = end != std::string::npos;
    scanned_ = whole ? end : buffer_.size();
    failed_ = scanned_ - read_ > max_line_;
    if (failed_) break;
    if (!whole) return std::nullopt;
    auto line = buffer_.substr(read_, end - read_);
    read_ = scanned_ = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) return line;
  }
  return failure{failure_kind::broken_stream, "a line of the answer is over " + std::to_string(max_line_) + " bytes"};
}

std::string line_reader::rest() {
  auto text = buffer_.substr(read_);
  buffer_.clear();
  read_ = scanned_ = 0;
  return text;
}

}  // namespace troupe::upstream
