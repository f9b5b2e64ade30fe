#include "models/openai_wire.hpp"
#include "models/provider.hpp"
#include "models/provider_prompt.hpp"
#include "models/tools_text.hpp"

#include <boost/json/serialize.hpp>

/// \file
/// Ollama's own API (docs.ollama.com/api): /api/chat as lines of JSON, /api/embed,
/// /api/tags. Calls have ids only in newer versions; `tool_name` tells older
/// ones whose result it is. `think` is not set: a model that cannot think would
/// refuse the request, one that can does so by default.

namespace troupe::models {
namespace {

namespace json = boost::json;

json::object call_of(const tool_call& call) {
  return {{"id", valid_utf8(call.id)},
          {"function", {{"name", valid_utf8(call.name)}, {"arguments", whole_object(call.arguments)}}}};
}

json::object message_of(const chat_message& message) {
  std::string text = valid_utf8(message.text);
  json::array images;
  for (const auto& media : message.media) {
    if (is_image(media)) {
      images.emplace_back(base64(media.data.view()));
    } else {
      text += (text.empty() ? "" : "\n") + left_out(media);
    }
  }
  json::object out{{"role", message.role == chat_role::model ? "assistant" : "user"}, {"content", text}};
  if (!images.empty()) out["images"] = std::move(images);
  if (!message.calls.empty()) {
    json::array calls;
    for (const auto& call : message.calls) calls.push_back(call_of(call));
    out["tool_calls"] = std::move(calls);
  }
  return out;
}

json::array messages_of(const model_request& request) {
  json::array out;
  if (const auto system = system_text(request); !system.empty())
    out.push_back({{"role", "system"}, {"content", system}});
  for (const auto& message : tidy_history(request.messages)) {
    if (message.role != chat_role::tool) out.push_back(message_of(message));
    for (const auto& result : message.results)
      out.push_back({{"role", "tool"},
                     {"tool_name", valid_utf8(result.name)},
                     {"tool_call_id", valid_utf8(result.id)},
                     {"content", result_text(result)}});
  }
  return out;
}

class ollama_decoder final : public line_decoder {
 public:
  using line_decoder::line_decoder;

 private:
  void handle(json_element line) override {
    if (fail_with(line)) return;
    if (const auto message = member(line, "message")) {
      think(text_member(*message, "thinking"));
      think(text_member(*message, "reasoning_content"));  // what some servers of this protocol call it
      say(text_member(*message, "content"));
      for_each_item(*message, "tool_calls", [&](json_element each) { read_call(each); });
    }
    if (!true_member(line, "done")) return;
    length_reached_ = text_member(line, "done_reason") == "length";
    usage_.input = count_member(line, "prompt_eval_count");
    usage_.output = count_member(line, "eval_count");
    end();
  }

  void read_call(json_element each) {
    const auto function = member(each, "function");
    if (!function) return call({}, {}, {});
    const auto arguments = member(*function, "arguments");
    call(text_member(each, "id"), text_member(*function, "name"),
         arguments ? simdjson::minify(*arguments) : std::string());
  }

  bool is_complete() override { return false; }  // `done` ends it, nothing else
  finish_reason reason() const override { return length_reached_ ? finish_reason::length : finish_reason::stop; }

  bool length_reached_ = false;
};

class ollama_provider final : public provider {
 public:
  using provider::provider;

  std::string name() const override { return "ollama"; }

  http_request chat(const std::string& model, const model_request& request) const override {
    json::object body{{"model", valid_utf8(model)}, {"stream", true}, {"messages", messages_of(request)}};
    json::object options;
    if (request.options.temperature >= 0) options["temperature"] = request.options.temperature;
    if (request.options.max_tokens > 0) options["num_predict"] = request.options.max_tokens;
    if (!options.empty()) body["options"] = std::move(options);
    return post("/api/chat", tools_.add_to(body, request.tools));
  }

  std::unique_ptr<stream_decoder> decoder(const model_request& request) const override {
    return std::make_unique<ollama_decoder>(name(), key(), request);
  }

  std::size_t embedding_batch() const override { return 64; }

  http_request embed(const std::string& model, std::span<const std::string> texts, embedding_purpose,
                     std::size_t dimensions) const override {
    json::array input;
    for (const auto& text : texts) input.emplace_back(valid_utf8(text));
    json::object body{{"model", valid_utf8(model)}, {"input", std::move(input)}, {"truncate", true}};
    if (dimensions > 0) body["dimensions"] = dimensions;
    return post("/api/embed", json::serialize(body));
  }

  expected<std::vector<std::vector<float>>> embeddings(std::string_view body, std::size_t) const override {
    const auto root = parse_json(body, body.size());
    if (!root) return malformed("is " + root.error().message);
    std::vector<std::vector<float>> out;
    for_each_item(*root, "embeddings", [&](json_element each) {
      if (auto vector = read_vector(each)) out.push_back(std::move(*vector));
    });
    return out;
  }

  http_request list() const override {
    http_request out;
    out.method = "GET";
    out.url = base() + "/api/tags";
    return out;
  }

  expected<std::vector<std::string>> names(std::string_view body) const override {
    const auto root = parse_json(body, body.size());
    if (!root) return malformed("is " + root.error().message);
    std::vector<std::string> out;
    for_each_item(*root, "models", [&](json_element each) {
      if (const auto name = text_member(each, "name"); !name.empty()) out.emplace_back(name);
    });
    return out;
  }

 private:
  http_request post(const std::string& path, std::string body) const {
    http_request out;
    out.url = base() + path;
    out.headers = {{"content-type", "application/json"}, {"accept", "application/x-ndjson"}};
    out.body = std::move(body);
    // A model that is not loaded yet may take minutes to its first byte.
    out.stall_limit = std::chrono::minutes(5);
    return out;
  }

  const tools_text tools_{function_tools};
};

}  // namespace

std::unique_ptr<provider> make_ollama(provider_endpoint endpoint) {
  return std::make_unique<ollama_provider>(std::move(endpoint));
}

}  // namespace troupe::models
