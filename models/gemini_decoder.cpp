#include "models/gemini_text.hpp"
#include "models/provider.hpp"

#include <algorithm>
#include <array>

/// \file
/// Gemini's streamed answers: server-sent events without an end marker; the
/// answer is whole when a finish reason came before the stream closed.

namespace troupe::models {
namespace {

template <std::size_t N>
bool is_any(std::string_view reason, const std::array<std::string_view, N>& of) {
  return std::find(of.begin(), of.end(), reason) != of.end();
}

class gemini_decoder final : public sse_decoder {
 public:
  using sse_decoder::sse_decoder;

 private:
  void handle(json_element event) override {
    if (fail_with(event)) return;
    if (const auto usage = member(event, "usageMetadata")) read_usage(*usage);
    if (const auto feedback = member(event, "promptFeedback"))
      if (const auto reason = text_member(*feedback, "blockReason"); !reason.empty()) return fail_filtered(reason);
    simdjson::dom::array candidates;
    json_element first;
    const auto list = member(event, "candidates");
    if (!list || list->get(candidates) || candidates.at(0).get(first)) return;
    if (const auto content = member(first, "content"))
      for_each_item(*content, "parts", [&](json_element part) { read_part(part); });
    if (const auto reason = text_member(first, "finishReason"); !reason.empty()) read_reason(reason);
  }

  void handle_done() override {}
  bool is_complete() override { return finished_; }

  void read_usage(json_element usage) {
    usage_.input = count_member(usage, "promptTokenCount");
    usage_.thoughts = count_member(usage, "thoughtsTokenCount");
    usage_.output = count_member(usage, "candidatesTokenCount") + usage_.thoughts;
    usage_.cached = count_member(usage, "cachedContentTokenCount");
  }

  void read_part(json_element part) {
    const auto signature = text_member(part, "thoughtSignature");
    if (const auto wish = member(part, "functionCall")) {
      const auto arguments = member(*wish, "args");
      return call(text_member(*wish, "id"), text_member(*wish, "name"),
                  arguments ? simdjson::minify(*arguments) : std::string(), signature);
    }
    const auto text = text_member(part, "text");
    if (true_member(part, "thought")) return think(text);
    say(text);
    if (!signature.empty()) {
      ranges_.push_back({length_, length_ + text.size(), std::string(signature)});
      opaque_ = to_opaque(ranges_);
    }
    length_ += text.size();
  }

  void read_reason(std::string_view reason) {
    static constexpr std::array<std::string_view, 9> filters = {
        "SAFETY",     "RECITATION",   "PROHIBITED_CONTENT",       "BLOCKLIST",
        "SPII",       "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION",
        "MODEL_ARMOR"};
    // FUNCTION_CALL is not Google's, but other servers of this protocol send it.
    static constexpr std::array<std::string_view, 3> good = {"STOP", "FINISH_REASON_UNSPECIFIED", "FUNCTION_CALL"};
    if (is_any(reason, filters)) return fail_filtered(reason);
    if (reason == "MALFORMED_FUNCTION_CALL")
      return fail({failure_kind::upstream, "gemini called a tool in a malformed way (MALFORMED_FUNCTION_CALL)"});
    if (reason == "MAX_TOKENS") {
      length_reached_ = true;
    } else if (!is_any(reason, good)) {
      return fail(
          {failure_kind::upstream, "gemini stopped for a reason of its own (" + short_text(reason, key()) + ")"});
    }
    finished_ = true;
  }

  finish_reason reason() const override { return length_reached_ ? finish_reason::length : finish_reason::stop; }

  std::vector<signed_range> ranges_;
  std::size_t length_ = 0;  // of the answer's text so far, in bytes
  bool finished_ = false;
  bool length_reached_ = false;
};

}  // namespace

std::unique_ptr<stream_decoder> make_gemini_decoder(std::string key, const model_request& request) {
  return std::make_unique<gemini_decoder>("gemini", std::move(key), request);
}

}  // namespace troupe::models
