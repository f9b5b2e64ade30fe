#include "models/stream_decoder.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::models {
namespace {

constexpr std::string_view made_up_prefix = "call_";
constexpr std::size_t most_calls = 128;

std::optional<std::uint64_t> made_up_number(std::string_view id) {
  if (!id.starts_with(made_up_prefix)) return std::nullopt;
  id.remove_prefix(made_up_prefix.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), value);
  if (id.empty() || id.size() > 15 || error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  return value;
}

}  // namespace

call_ids::call_ids(const model_request& request) {
  for (const auto& message : request.messages)
    for (const auto& call : message.calls) {
      taken_.insert(call.id);
      // Above the highest, not the count: older messages may be gone.
      if (const auto number = made_up_number(call.id)) next_ = std::max(next_, *number + 1);
    }
}

std::string call_ids::take(std::string_view given) {
  std::string id(given);
  while (id.empty() || taken_.contains(id)) id = std::string(made_up_prefix) + std::to_string(next_++);
  taken_.insert(id);
  return id;
}

bool call_ids::is_made_up(std::string_view id) {
  return made_up_number(id).has_value();
}

void stream_decoder::close(failure error) {
  if (closed_) return;
  // A cut stream's last event is only half there.
  if (error.kind == failure_kind::none) flush();
  closed_ = std::move(error);
}

std::optional<model_event> stream_decoder::next() {
  while (events_.empty() && !ended_ && read()) {
  }
  if (events_.empty() && !ended_ && closed_) at_close();
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void stream_decoder::at_close() {
  if (is_complete()) {
    end();
  } else if (closed_->kind != failure_kind::none) {
    fail(failure_of_transport(provider_, *closed_));
  } else {
    fail_malformed("ended its answer without saying so");
  }
}

void stream_decoder::push(model_event event) {
  if (!ended_) events_.push_back(std::move(event));
}

void stream_decoder::say(std::string_view text) {
  if (text.empty()) return;
  model_event event;
  event.text = text;
  push(std::move(event));
}

void stream_decoder::think(std::string_view text) {
  if (text.empty()) return;
  model_event event;
  event.what = model_event::kind::thought;
  event.text = text;
  push(std::move(event));
}

void stream_decoder::call(std::string_view id, std::string_view name, std::string_view arguments,
                          std::string_view opaque) {
  if (ended_) return;
  if (name.empty()) return fail_malformed("called a tool without naming it");
  if (++calls_ > most_calls)
    return fail_malformed("made more than " + std::to_string(most_calls) + " tool calls in one answer");
  if (arguments.find_first_not_of(" \t\r\n") == arguments.npos) arguments = "{}";
  if (!is_json_object(arguments))
    return fail({failure_kind::upstream,
                 provider_ + " called the tool " + short_text(name, key_) + " with arguments that are no JSON object"});
  model_event event;
  event.what = model_event::kind::call;
  event.call = {ids_.take(id), std::string(name), std::string(arguments), std::string(opaque)};
  push(std::move(event));
}

void stream_decoder::end() {
  model_event event;
  event.what = model_event::kind::ended;
  event.reason = reason();
  event.usage = usage_;
  event.opaque = opaque_;
  push(std::move(event));
  ended_ = true;
}

void stream_decoder::fail(failure error, std::optional<std::chrono::milliseconds> retry_after) {
  model_event event;
  event.what = model_event::kind::ended;
  event.error = std::move(error);
  event.usage = usage_;
  event.retry_after = retry_after;
  push(std::move(event));
  ended_ = true;
}

void stream_decoder::fail_malformed(const std::string& what) {
  fail({failure_kind::broken_stream, provider_ + " " + what});
}

bool stream_decoder::fail_with(json_element event) {
  auto error = failure_of_event(provider_, key_, event);
  if (error) fail(std::move(error->error), error->retry_after);
  return error.has_value();
}

void stream_decoder::fail_filtered(std::string_view reason) {
  fail({failure_kind::filtered, provider_ + "'s filter stopped the answer (" + short_text(reason, key_) + ")"});
}

bool sse_decoder::read() {
  auto event = reader_.next();
  if (!event) {
    fail(failure_of_transport(provider(), event.error()));
    return true;
  }
  if (!*event) return false;
  const auto& data = (*event)->data;
  if (data == "[DONE]") {
    handle_done();
    return true;
  }
  const auto root = parse_json(data);
  if (!root || !root->is_object()) {
    fail_malformed("sent an event that is no JSON object");
    return true;
  }
  handle(*root);
  return true;
}

bool line_decoder::read() {
  auto line = reader_.next();
  if (!line) {
    fail(failure_of_transport(provider(), line.error()));
    return true;
  }
  if (!*line) return false;
  const auto root = parse_json(**line);
  if (!root || !root->is_object()) {
    fail_malformed("sent a line that is no JSON object");
    return true;
  }
  handle(*root);
  return true;
}

}  // namespace troupe::models
