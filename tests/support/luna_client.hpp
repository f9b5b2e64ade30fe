#pragma once

/// \file
/// A Luna client for tests: JSON frames over `ws_client`, which shares no code
/// with the server. Header-only; needs Boost.JSON.
///
/// Thread safety: one thread per client. Every wait has a limit and throws.

#include "support/ws_client.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

namespace troupe::test {

namespace json = boost::json;

inline json::object object_of(std::string_view text) {
  return json::parse({text.data(), text.size()}).as_object();
}

inline std::string text_of(const json::object& from, std::string_view field) {
  const auto* value = from.if_contains(json::string_view(field.data(), field.size()));
  return value && value->is_string() ? std::string(value->as_string().c_str(), value->as_string().size())
                                     : std::string();
}

inline std::string type_of(const json::object& frame) {
  return text_of(frame, "type");
}

/// A JSON text with `text` as a string in it.
inline std::string quoted(std::string_view text) {
  return json::serialize(json::string(text.data(), text.size()));
}

/// Names of an object's fields, sorted, with blanks between.
inline std::string fields_of(const json::object& frame) {
  std::vector<std::string> names;
  for (auto& item : frame) names.emplace_back(item.key().data(), item.key().size());
  std::sort(names.begin(), names.end());
  std::string out;
  for (auto& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

/// `count` sentences that rewriting leaves as they are.
inline std::string sentences(int count) {
  std::string out;
  for (int i = 1; i <= count; ++i) out += (i == 1 ? "Line " : " Line ") + std::to_string(i) + " is here.";
  return out;
}

inline std::string text_action(std::string_view action, std::string_view text, std::string_view more = {}) {
  return R"({"type":"text_action","action":")" + std::string(action) + R"(","text":)" + quoted(text) + std::string(more)
         + "}";
}

/// An answer from its first frame to its end.
struct luna_answer {
  std::string text;                  ///< the pieces, or the result, put together
  std::vector<json::object> before;  ///< frames that are neither piece nor end
  std::vector<json::object> pieces;  ///< `chunk` or `text_content`
  json::object end;                  ///< `complete`, `error`, `text_session_result` or `text_session_error`

  bool complete() const { return type_of(end) == "complete" || type_of(end) == "text_session_result"; }
};

class luna_client {
 public:
  explicit luna_client(std::uint16_t port, const std::string& path = "/ws", const ws_options& options = {})
      : socket_(port, path, options) {
    if (const auto first = next(); type_of(first) != "client_registered")
      throw std::runtime_error("the first frame was " + json::serialize(first));
  }

  void send(std::string_view text) { socket_.send(text); }
  json::object next() { return object_of(socket_.receive()); }
  ws_client& socket() { return socket_; }

  luna_answer read_answer() {
    luna_answer out;
    for (;;) {
      auto frame = next();
      const auto type = type_of(frame);
      if (type == "chunk" || type == "text_content") {
        out.text += text_of(frame, "data");
        out.pieces.push_back(std::move(frame));
      } else if (type == "complete" || type == "error" || type == "text_session_result"
                 || type == "text_session_error") {
        if (type == "text_session_result") out.text += text_of(frame, "result");
        out.end = std::move(frame);
        return out;
      } else {
        out.before.push_back(std::move(frame));
      }
    }
  }

  luna_answer request(std::string_view text) {
    send(text);
    return read_answer();
  }

  /// Says something of the user's own and returns the answer's text.
  std::string say(std::string_view words) {
    auto answer = request(text_action("chat", words));
    if (!answer.complete()) throw std::runtime_error("no answer but " + json::serialize(answer.end));
    return answer.text;
  }

  /// What comes before the answer to a message that is always answered at once.
  /// Frames are handled in order, so that this is all that earlier ones caused.
  std::vector<json::object> rest() {
    send(R"({"type":"start_voice_session"})");
    std::vector<json::object> out;
    for (;;) {
      auto frame = next();
      if (type_of(frame) == "voice_session_error") return out;
      out.push_back(std::move(frame));
    }
  }
  bool silent() { return rest().empty(); }

 private:
  ws_client socket_;
};

}  // namespace troupe::test
