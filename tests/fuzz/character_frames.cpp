/// \file
/// Arbitrary text as a frame of the character protocol, and as the body of an
/// answer. Whatever is understood keeps the limits, what is sent is JSON again
/// and never longer than the protocol's messages.

#include "net/dialects/character/character_protocol.hpp"
#include "net/json.hpp"

#include <cstdlib>

using namespace troupe;
using namespace troupe::character_dialect;

namespace {

void check(std::string_view frame) {
  if (frame.size() >= frame_limit || !net::parse_json(frame)) std::abort();
}

void check_object(const std::string& text, std::size_t limit) {
  if (text.empty()) return;
  if (text.size() > limit || text.front() != '{' || !net::parse_json(text)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = net::repair_utf8({reinterpret_cast<const char*>(data), size});
  const auto message = parse(text);
  const reply_head head{message.message_id, static_cast<std::int64_t>(size) * 1'000'003};
  if (message.message_id && message.message_id->size() > message_id_limit) std::abort();
  if (message.is_refused()) {
    const auto& why = std::get<refused>(message.what);
    if (why.code.empty() || why.error.empty()) std::abort();
    check(encode_refused(head, why));
  } else {
    check(encode_failure(message.kind(), head, {error_code::internal, text.substr(0, 1000)}));
    check(encode_success(message.kind(), head, subscribe_body(text.substr(0, 64))));
  }
  if (auto* init = std::get_if<init_request>(&message.what)) check_object(init->config, config_limit);
  if (auto* chat = std::get_if<chat_request>(&message.what)) check_object(chat->context, context_limit);
  // The same text as an actor's answer that is too long.
  for (const std::size_t room : {std::size_t{0}, std::size_t{60}, size})
    if (const auto shorter = shortened_body(text, room);
        shorter && (shorter->size() > room || !net::parse_json(*shorter)))
      std::abort();
  return 0;
}
