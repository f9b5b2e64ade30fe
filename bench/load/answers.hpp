#pragma once

/// \file
/// What Luna's frames are to a load: told apart by their first bytes, since a
/// JSON parser would cost more than the server under test. Frames of the bare
/// servers have the same form.

#include <string_view>

namespace troupe::bench {

enum class answer_kind : unsigned char { greeting, piece, complete, ended, error, other };

struct answer {
  answer_kind kind = answer_kind::other;
  std::string_view text;  ///< piece: what stands in `data`; no text of ours needs an escape
};

inline answer read_answer(std::string_view frame) {
  if (frame.starts_with(R"({"type":"chunk")") || frame.starts_with(R"({"type":"text_content")")) {
    constexpr std::string_view mark = R"("data":")";
    const auto begin = frame.find(mark);
    if (begin == frame.npos) return {};
    const auto end = frame.find('"', begin + mark.size());
    return {answer_kind::piece, frame.substr(begin + mark.size(), end - begin - mark.size())};
  }
  if (frame.starts_with(R"({"type":"complete")")) return {answer_kind::complete, {}};
  if (frame.starts_with(R"({"type":"client_registered")")) return {answer_kind::greeting, {}};
  if (frame.starts_with(R"({"type":"text_session_ended")")) return {answer_kind::ended, {}};
  if (frame.starts_with(R"({"type":"error")")) return {answer_kind::error, frame};
  return {};
}

}  // namespace troupe::bench
