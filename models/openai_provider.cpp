#include "models/openai_wire.hpp"
#include "models/provider.hpp"
#include "models/provider_prompt.hpp"
#include "models/tools_text.hpp"

#include <boost/json/serialize.hpp>

/// \file
/// OpenAI's API and every server that speaks alike (vLLM, llama.cpp, LM Studio,
/// OpenRouter, ...): what is asked. What comes back in a stream is in
/// openai_decoder.cpp. Source: platform.openai.com/docs/api-reference (chat,
/// embeddings, models).

namespace troupe::models {

std::unique_ptr<stream_decoder> make_openai_decoder(std::string key, const model_request& request);

namespace {

namespace json = boost::json;

json::value content_of(const chat_message& message) {
  const auto text = valid_utf8(message.text);
  if (message.media.empty()) return json::value(text);
  json::array parts;
  if (!text.empty()) parts.push_back({{"type", "text"}, {"text", text}});
  for (const auto& media : message.media) {
    if (is_image(media)) {
      const auto url = "data:" + valid_utf8(media.mime_type) + ";base64," + base64(media.data.view());
      parts.push_back({{"type", "image_url"}, {"image_url", {{"url", url}}}});
    } else {
      parts.push_back({{"type", "text"}, {"text", left_out(media)}});
    }
  }
  return parts;
}

json::object call_of(const tool_call& call) {
  const auto arguments = is_json_object(call.arguments) ? call.arguments : std::string("{}");
  return {{"id", valid_utf8(call.id)},
          {"type", "function"},
          {"function", {{"name", valid_utf8(call.name)}, {"arguments", arguments}}}};
}

json::object message_of(const chat_message& message) {
  if (message.role == chat_role::user) return {{"role", "user"}, {"content", content_of(message)}};
  json::object out{{"role", "assistant"}, {"content", valid_utf8(message.text)}};
  if (message.calls.empty()) return out;
  if (message.text.empty()) out["content"] = nullptr;
  json::array calls;
  for (const auto& call : message.calls) calls.push_back(call_of(call));
  out["tool_calls"] = std::move(calls);
  return out;
}

json::array messages_of(const model_request& request) {
  json::array out;
  if (const auto system = system_text(request); !system.empty())
    out.push_back({{"role", "system"}, {"content", system}});
  for (const auto& message : tidy_history(request.messages)) {
    if (message.role != chat_role::tool) out.push_back(message_of(message));
    for (const auto& result : message.results)
      out.push_back({{"role", "tool"}, {"tool_call_id", valid_utf8(result.id)}, {"content", result_text(result)}});
  }
  return out;
}

class openai_provider final : public provider {
 public:
  using provider::provider;

  std::string name() const override { return "openai"; }

  failure ready() const override {
    if (!key().empty() || base() != "https://api.openai.com/v1") return {};
    return {failure_kind::auth, "openai needs a key, and OPENAI_API_KEY is not set"};
  }

  http_request chat(const std::string& model, const model_request& request) const override {
    json::object body{{"model", valid_utf8(model)},
                      {"stream", true},
                      {"stream_options", {{"include_usage", true}}},
                      {"messages", messages_of(request)}};
    if (request.options.temperature >= 0) body["temperature"] = request.options.temperature;
    // Not `max_completion_tokens`: compatible servers know the old name.
    if (request.options.max_tokens > 0) body["max_tokens"] = request.options.max_tokens;
    auto out = post("/chat/completions", tools_.add_to(body, request.tools));
    out.headers.emplace_back("accept", "text/event-stream");
    out.stall_limit = std::chrono::minutes(3);  // a model may think that long before its first byte
    return out;
  }

  std::unique_ptr<stream_decoder> decoder(const model_request& request) const override {
    return make_openai_decoder(key(), request);
  }

  std::size_t embedding_batch() const override { return 128; }

  http_request embed(const std::string& model, std::span<const std::string> texts, embedding_purpose,
                     std::size_t dimensions) const override {
    json::array input;
    for (const auto& text : texts) input.emplace_back(valid_utf8(text));
    json::object body{{"model", valid_utf8(model)}, {"input", std::move(input)}, {"encoding_format", "float"}};
    if (dimensions > 0) body["dimensions"] = dimensions;
    return post("/embeddings", json::serialize(body));
  }

  expected<std::vector<std::vector<float>>> embeddings(std::string_view body, std::size_t count) const override {
    const auto root = parse_json(body, body.size());
    if (!root) return malformed("is " + root.error().message);
    std::vector<std::vector<float>> out(count);
    std::size_t place = 0;
    bool fits = true;
    for_each_item(*root, "data", [&](json_element each) {
      // Not promised to be in order; `index` says whose it is.
      const auto at = member(each, "index") ? count_member(each, "index") : place;
      auto vector = read_vector(member(each, "embedding"));
      fits = fits && at < count && out[at].empty() && vector;
      if (fits) out[at] = std::move(*vector);
      ++place;
    });
    if (!fits || place != count) return malformed("does not hold one embedding for each text");
    return out;
  }

  http_request list() const override {
    http_request out;
    out.method = "GET";
    out.url = base() + "/models";
    authorize(out);
    return out;
  }

  expected<std::vector<std::string>> names(std::string_view body) const override {
    const auto root = parse_json(body, body.size());
    if (!root) return malformed("is " + root.error().message);
    std::vector<std::string> out;
    for_each_item(*root, "data", [&](json_element each) {
      if (const auto id = text_member(each, "id"); !id.empty()) out.emplace_back(id);
    });
    return out;
  }

 private:
  http_request post(const std::string& path, std::string body) const {
    http_request out;
    out.url = base() + path;
    out.headers = {{"content-type", "application/json"}};
    authorize(out);
    out.body = std::move(body);
    return out;
  }

  /// Local servers want no key, and some refuse an empty one.
  void authorize(http_request& request) const {
    if (!key().empty()) request.headers.emplace_back("authorization", "Bearer " + key());
  }

  const tools_text tools_{function_tools};
};

}  // namespace

std::unique_ptr<provider> make_openai(provider_endpoint endpoint) {
  return std::make_unique<openai_provider>(std::move(endpoint));
}

}  // namespace troupe::models
