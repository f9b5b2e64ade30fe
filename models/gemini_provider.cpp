#include "models/gemini_text.hpp"
#include "models/provider.hpp"
#include "models/provider_prompt.hpp"
#include "models/tools_text.hpp"

#include <boost/json/serialize.hpp>

/// \file
/// Google's Gemini API, v1beta: what is asked. What comes back in a stream is
/// in gemini_decoder.cpp. Source: ai.google.dev/api (generate-content,
/// embeddings, models); contracts/gemini-server.md §8.6.

namespace troupe::models {

std::unique_ptr<stream_decoder> make_gemini_decoder(std::string key, const model_request& request);

namespace {

namespace json = boost::json;

std::string path_segment(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  if (text.starts_with("models/")) text.remove_prefix(7);  // as the list of models names them
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
                       || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

json::object text_part(std::string_view text) {
  return {{"text", valid_utf8(text)}};
}

void add_text(json::array& parts, const chat_message& message) {
  for (const auto& piece : signed_pieces(message.text, message.opaque)) {
    auto part = text_part(piece.text);
    if (!piece.signature.empty()) part["thoughtSignature"] = piece.signature;
    parts.push_back(std::move(part));
  }
}

/// Ids of our own making mean nothing to Gemini; the order of the parts says it.
void add_id(json::object& to, const std::string& id) {
  if (!call_ids::is_made_up(id)) to["id"] = valid_utf8(id);
}

json::object call_part(const tool_call& call) {
  json::object inner{{"name", valid_utf8(call.name)}, {"args", whole_object(call.arguments)}};
  add_id(inner, call.id);
  json::object part{{"functionCall", std::move(inner)}};
  if (!call.opaque.empty()) part["thoughtSignature"] = valid_utf8(call.opaque);
  return part;
}

json::object result_part(const tool_result& result) {
  json::object response{{result.is_error ? "error" : "output", text_or_json(result.content)}};
  json::object inner{{"name", valid_utf8(result.name)}, {"response", std::move(response)}};
  add_id(inner, result.id);
  return {{"functionResponse", std::move(inner)}};
}

json::object media_part_of(const media_part& media) {
  return {{"inlineData", {{"mimeType", valid_utf8(media.mime_type)}, {"data", base64(media.data.view())}}}};
}

void add_parts(json::array& parts, const chat_message& message) {
  for (const auto& result : message.results) parts.push_back(result_part(result));
  for (const auto& media : message.media) parts.push_back(media_part_of(media));
  add_text(parts, message);
  for (const auto& call : message.calls) parts.push_back(call_part(call));
}

/// Tools' results are the user's parts; neighbours of one role are one content.
json::array contents_of(const std::vector<chat_message>& messages) {
  json::array contents;
  for (const auto& message : messages) {
    const std::string_view role = message.role == chat_role::model ? "model" : "user";
    if (contents.empty() || contents.back().at("role").as_string() != json::string_view(role.data(), role.size()))
      contents.push_back(json::object{{"role", role}, {"parts", json::array()}});
    add_parts(contents.back().at("parts").as_array(), message);
  }
  return contents;
}

json::object declaration_of(const tool_spec& tool) {
  json::object out{{"name", valid_utf8(tool.name)}, {"description", valid_utf8(tool.description)}};
  if (!tool.schema.empty()) out["parametersJsonSchema"] = whole_object(tool.schema);
  return out;
}

std::string declarations_of(const std::vector<tool_spec>& tools) {
  json::array declarations;
  for (const auto& tool : tools) declarations.push_back(declaration_of(tool));
  return json::serialize(json::array{json::object{{"functionDeclarations", std::move(declarations)}}});
}

/// Gemini counts a model's thoughts as part of its answer; without room for
/// them a short limit leaves no words.
constexpr std::uint32_t room_for_thoughts = 1024;

json::object body_of(const model_request& request) {
  json::object body{{"contents", contents_of(tidy_history(request.messages))}};
  json::object generation;
  if (request.options.temperature >= 0) generation["temperature"] = request.options.temperature;
  if (request.options.max_tokens > 0)
    generation["maxOutputTokens"] = std::uint64_t{request.options.max_tokens} + room_for_thoughts;
  if (!generation.empty()) body["generationConfig"] = std::move(generation);
  if (const auto system = system_text(request); !system.empty())
    body["systemInstruction"] = json::object{{"parts", json::array{text_part(system)}}};
  return body;
}

class gemini_provider final : public provider {
 public:
  using provider::provider;

  std::string name() const override { return "gemini"; }

  failure ready() const override {
    if (!key().empty()) return {};
    return {failure_kind::auth, "gemini needs a key, and GOOGLE_API_KEY is not set"};
  }

  http_request chat(const std::string& model, const model_request& request) const override {
    auto out = post("/v1beta/models/" + path_segment(model) + ":streamGenerateContent?alt=sse",
                    tools_.add_to(body_of(request), request.tools));
    out.headers.emplace_back("accept", "text/event-stream");
    out.stall_limit = std::chrono::minutes(3);  // a model may think that long before its first byte
    return out;
  }

  std::unique_ptr<stream_decoder> decoder(const model_request& request) const override {
    return make_gemini_decoder(key(), request);
  }

  std::size_t embedding_batch() const override { return 100; }

  http_request embed(const std::string& model, std::span<const std::string> texts, embedding_purpose purpose,
                     std::size_t dimensions) const override {
    json::array requests;
    for (const auto& text : texts) {
      json::object each{{"model", "models/" + path_segment(model)},
                        {"content", {{"parts", json::array{text_part(text)}}}},
                        {"taskType", purpose == embedding_purpose::query ? "RETRIEVAL_QUERY" : "RETRIEVAL_DOCUMENT"}};
      if (dimensions > 0) each["outputDimensionality"] = dimensions;
      requests.push_back(std::move(each));
    }
    return post("/v1beta/models/" + path_segment(model) + ":batchEmbedContents",
                json::serialize(json::object{{"requests", std::move(requests)}}));
  }

  expected<std::vector<std::vector<float>>> embeddings(std::string_view body, std::size_t) const override {
    const auto root = parse_json(body, body.size());
    if (!root) return malformed("is " + root.error().message);
    std::vector<std::vector<float>> out;
    for_each_item(*root, "embeddings", [&](json_element each) {
      if (auto vector = read_vector(member(each, "values"))) out.push_back(std::move(*vector));
    });
    return out;
  }

  http_request list() const override {
    http_request out;
    out.method = "GET";
    out.url = base() + "/v1beta/models?pageSize=1000";
    out.headers = {{"x-goog-api-key", key()}};
    return out;
  }

  expected<std::vector<std::string>> names(std::string_view body) const override {
    const auto root = parse_json(body, body.size());
    if (!root) return malformed("is " + root.error().message);
    std::vector<std::string> out;
    for_each_item(*root, "models", [&](json_element each) {
      auto name = text_member(each, "name");
      if (name.starts_with("models/")) name.remove_prefix(7);
      if (!name.empty() && can_talk(each)) out.emplace_back(name);
    });
    return out;
  }

 private:
  static bool can_talk(json_element model) {
    bool told = false, can = false;
    for_each_item(model, "supportedGenerationMethods", [&](json_element method) {
      std::string_view text;
      told = true;
      can = can || (!method.get(text) && text == "generateContent");
    });
    return can || !told;
  }

  http_request post(const std::string& path, std::string body) const {
    http_request out;
    out.url = base() + path;
    out.headers = {{"content-type", "application/json"}, {"x-goog-api-key", key()}};
    out.body = std::move(body);
    return out;
  }

  const tools_text tools_{declarations_of};
};

}  // namespace

std::unique_ptr<provider> make_gemini(provider_endpoint endpoint) {
  return std::make_unique<gemini_provider>(std::move(endpoint));
}

}  // namespace troupe::models
