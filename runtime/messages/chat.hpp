#pragma once

/// \file
/// A conversation as a language model sees it: the vocabulary that sessions,
/// runners, models and tools share (DESIGN §4.6, §8). Values only; the messages
/// that carry them are in turn.hpp, model.hpp and tool.hpp.

#include "runtime/message_macros.hpp"
#include "runtime/shared_bytes.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe {

/// What a tool is called and takes, as told to a model.
struct tool_spec {
  std::string name;  ///< 1 to 64 of a-z A-Z 0-9 _ - (what every provider takes)
  std::string description;
  std::string schema;  ///< JSON Schema of its arguments, an object; empty: it takes none
  bool operator==(const tool_spec&) const = default;
};
TROUPE_MESSAGE(tool_spec, name, description, schema)

/// A model's wish that a tool be run.
struct tool_call {
  std::string id;  ///< unique in its turn; made up where the provider gives none
  std::string name;
  std::string arguments;  ///< a whole JSON object
  std::string opaque;     ///< the provider's own bytes (Gemini: thought signature), sent back unchanged
  bool operator==(const tool_call&) const = default;
};
TROUPE_MESSAGE(tool_call, id, name, arguments, opaque)

/// What came of a call, for the model to read.
struct tool_result {
  std::string id;  ///< of the call
  std::string name;
  std::string content;  ///< text or JSON
  bool is_error = false;
  bool operator==(const tool_result&) const = default;
};
TROUPE_MESSAGE(tool_result, id, name, content, is_error)

/// An image or another file that goes along with a message.
struct media_part {
  std::string mime_type;  ///< "image/png"
  shared_bytes data;      ///< the bytes themselves, not base64
  bool operator==(const media_part&) const = default;
};
TROUPE_MESSAGE(media_part, mime_type, data)

enum class chat_role : std::uint8_t {
  user = 1,
  model = 2,
  tool = 3,     ///< `results` of the calls in the model message before it
  summary = 4,  ///< what was said before the oldest message that is left; first, if at all
};

/// One message of a conversation. `calls` and `opaque` only from the model,
/// `results` only from tools, `media` only from the user.
struct chat_message {
  chat_role role = chat_role::user;
  std::string text;
  std::vector<media_part> media;
  std::vector<tool_call> calls;
  std::vector<tool_result> results;
  std::string opaque;  ///< the provider's own bytes that belong to `text`, sent back unchanged
  bool operator==(const chat_message&) const = default;
};
TROUPE_MESSAGE(chat_message, role, text, media, calls, results, opaque)

/// How an answer is drawn.
struct model_options {
  double temperature = -1;       ///< negative: the provider's choice
  std::uint32_t max_tokens = 0;  ///< of the answer; 0: no limit of ours
  bool operator==(const model_options&) const = default;
};
TROUPE_MESSAGE(model_options, temperature, max_tokens)

}  // namespace troupe
