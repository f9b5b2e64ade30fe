#pragma once

/// \file
/// What a character's frames are to a load (docs/character-protocol.md): told
/// apart by their first bytes, as in answers.hpp.

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace troupe::bench {

enum class character_frame_kind : unsigned char { reply, started, delta, ended, other };

struct character_frame {
  character_frame_kind kind = character_frame_kind::other;
  std::string_view type;     ///< reply: its `message_type`
  std::string_view turn;     ///< event: its `turn_id`
  std::uint64_t offset = 0;  ///< delta
  std::string_view text;     ///< delta: as it stands in the JSON
};

/// What stands behind `mark`, up to the next quotation mark.
inline std::string_view text_behind(std::string_view frame, std::string_view mark) {
  const auto at = frame.find(mark);
  if (at == frame.npos) return {};
  frame.remove_prefix(at + mark.size());
  return frame.substr(0, frame.find('"'));
}

inline character_frame read_character_frame(std::string_view frame) {
  character_frame out;
  const auto type = text_behind(frame, R"({"message_type":")");
  if (type != "character_event") {
    out.type = type;
    if (type.ends_with("_response")) out.kind = character_frame_kind::reply;
    return out;
  }
  const auto event = text_behind(frame, R"("event":")");
  out.turn = text_behind(frame, R"("turn_id":")");
  if (event == "turn_started") out.kind = character_frame_kind::started;
  if (event == "turn_ended") out.kind = character_frame_kind::ended;
  if (event != "reply_delta") return out;
  constexpr std::string_view before_offset = R"("data":{"offset":)", before_text = R"(,"text":")", end = R"("}})";
  const auto at = frame.find(before_offset);
  if (at == frame.npos || !frame.ends_with(end)) return out;
  frame.remove_prefix(at + before_offset.size());
  frame.remove_suffix(end.size());
  const auto number = std::from_chars(frame.data(), frame.data() + frame.size(), out.offset);
  frame.remove_prefix(static_cast<std::size_t>(number.ptr - frame.data()));
  if (!frame.starts_with(before_text)) return out;
  out.text = frame.substr(before_text.size());
  out.kind = character_frame_kind::delta;
  return out;
}

/// Bytes of a text that stands escaped in the JSON; what the server escapes is ASCII.
inline std::uint64_t unescaped_size(std::string_view text) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++size)
    i += text[i] != '\\' ? 1 : i + 1 < text.size() && text[i + 1] == 'u' ? 6 : 2;
  return size;
}

/// The id of the character whose file the benchmark has written as its `number`th.
inline std::string bench_character(std::uint64_t number) {
  char id[32];
  std::snprintf(id, sizeof id, "neighbour-%05llu", static_cast<unsigned long long>(number));
  return id;
}

inline std::string init_request(std::uint64_t number) {
  return R"({"message_type":"init_request","message_id":"i","character_id":")" + bench_character(number) + R"("})";
}

}  // namespace troupe::bench
