#include "net/upstream/sse_reader.hpp"

#include <charconv>

namespace troupe::upstream {

void sse_reader::feed(std::string_view bytes) {
  // What was read is dropped once it is most of the buffer, so no byte moves twice.
  if (read_ > 0 && read_ * 2 >= buffer_.size()) {
    buffer_.erase(0, read_);
    scanned_ -= read_;
    read_ = 0;
  }
  buffer_ += bytes;
}

bool sse_reader::past_mark() {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  const auto head = std::string_view(buffer_).substr(read_);
  if (head.size() < mark.size() && mark.starts_with(head)) return false;
  if (head.starts_with(mark)) read_ += mark.size();
  scanned_ = read_;
  return true;
}

expected<std::optional<sse_event>> sse_reader::next() {
  if (!begun_) begun_ = past_mark();
  while (begun_ && !failed_) {
    if (after_cr_ && read_ < buffer_.size()) {
      if (buffer_[read_] == '\n') ++read_;
      scanned_ = read_;
      after_cr_ = false;
    }
    const auto end = buffer_.find_first_of("\r\n", scanned_);
    const bool whole = end != std::string::npos;
    scanned_ = whole ? end : buffer_.size();
    // Before the line is read, so that it does not matter where the stream was cut.
    failed_ = scanned_ - read_ + event_.data.size() > max_event_;
    if (failed_) break;
    if (!whole) return std::nullopt;
    sse_event done;
    const bool complete = line(std::string_view(buffer_).substr(read_, end - read_), done);
    after_cr_ = buffer_[end] == '\r';
    read_ = scanned_ = end + 1;
    if (complete) return done;
  }
  if (!failed_) return std::nullopt;
  return failure{failure_kind::broken_stream,
                 "an event of the answer is over " + std::to_string(max_event_) + " bytes"};
}

/// One line without its end; true when it completed an event.
bool sse_reader::line(std::string_view text, sse_event& done) {
  if (text.empty()) {
    const bool complete = has_data_;
    if (complete) {
      event_.id = last_id_;
      done = std::move(event_);
    }
    event_ = {};
    has_data_ = false;
    return complete;
  }
  const auto colon = text.find(':');
  if (colon == 0) return false;  // a comment
  const auto field = text.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.type = value.empty() ? "message" : std::string(value);
  } else if (field == "id") {
    if (value.find('\0') == std::string_view::npos) last_id_ = value;
  } else if (field == "retry") {
    unsigned number = 0;
    const auto [rest, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error == std::errc() && rest == value.data() + value.size() && !value.empty()) retry_ms_ = number;
  }
  return false;
}

}  // namespace troupe::upstream
