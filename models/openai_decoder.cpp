#include "models/provider.hpp"

#include <utility>

/// \file
/// Streamed answers of OpenAI's chat completions and of the many servers that
/// speak alike, with what those leave out or do otherwise: no index, no id, an
/// id in every piece, no [DONE], `reasoning` instead of `reasoning_content`.

namespace troupe::models {
namespace {

constexpr std::size_t most_argument_bytes = 16 * 1024 * 1024;

class openai_decoder final : public sse_decoder {
 public:
  using sse_decoder::sse_decoder;

 private:
  /// A call whose arguments are still coming in pieces.
  struct pending_call {
    std::uint32_t index = 0;
    std::string id;
    std::string name;
    std::string arguments;
    bool given = false;
  };

  void handle(json_element event) override {
    if (fail_with(event)) return;
    if (const auto usage = member(event, "usage")) read_usage(*usage);
    simdjson::dom::array choices;
    json_element first;
    const auto list = member(event, "choices");
    if (!list || list->get(choices) || choices.at(0).get(first)) return;
    if (const auto delta = member(first, "delta")) read_delta(*delta);
    if (const auto reason = text_member(first, "finish_reason"); !reason.empty()) read_reason(reason);
  }

  void handle_done() override {
    give_calls(true);
    finish();
  }

  // Some servers leave [DONE] out; a finish reason says as much.
  bool is_complete() override {
    if (!filter_.empty()) finish();
    return reason_seen_;
  }

  finish_reason reason() const override { return length_reached_ ? finish_reason::length : finish_reason::stop; }

  void finish() {
    if (filter_.empty()) return end();
    fail_filtered(filter_);
  }

  void read_usage(json_element usage) {
    usage_.input = count_member(usage, "prompt_tokens");
    usage_.output = count_member(usage, "completion_tokens");
    if (const auto details = member(usage, "prompt_tokens_details"))
      usage_.cached = count_member(*details, "cached_tokens");
    if (const auto details = member(usage, "completion_tokens_details"))
      usage_.thoughts = count_member(*details, "reasoning_tokens");
  }

  void read_delta(json_element delta) {
    const auto thought = text_member(delta, "reasoning_content");
    think(thought.empty() ? text_member(delta, "reasoning") : thought);
    say(text_member(delta, "content"));
    say(text_member(delta, "refusal"));  // the model says no in words of its own
    for_each_item(delta, "tool_calls", [&](json_element piece) { read_piece(piece); });
  }

  /// The call that a piece belongs to, null for a new one: the latest of its
  /// index, or simply the latest where no index is given. A new id is a new call,
  /// since some servers give every call the same index.
  pending_call* call_of(json_element piece) {
    const auto id = text_member(piece, "id");
    const bool indexed = member(piece, "index").has_value();
    const auto index = count_member(piece, "index");
    for (auto each = calls_.rbegin(); each != calls_.rend(); ++each) {
      if (indexed && each->index != index) continue;
      if (id.empty() || each->id.empty() || each->id == id) return &*each;
      if (!indexed) break;
    }
    return nullptr;
  }

  void read_piece(json_element piece) {
    auto* call = call_of(piece);
    if (!call) {
      give_calls(false);  // the next begins
      calls_.push_back({count_member(piece, "index"), std::string(text_member(piece, "id")), {}, {}});
      call = &calls_.back();
    }
    const auto function = member(piece, "function");
    if (!function) return;
    if (call->name.empty()) call->name = text_member(*function, "name");
    if (const auto arguments = member(*function, "arguments")) read_arguments(*call, *arguments);
  }

  void read_arguments(pending_call& call, json_element arguments) {
    std::string_view text;
    // A string by the book; an object from servers that forgot to quote it.
    const std::string bytes = arguments.get(text) ? simdjson::minify(arguments) : std::string(text);
    argument_bytes_ += bytes.size();
    if (argument_bytes_ > most_argument_bytes) return fail_malformed("sent more than 16 MiB of tool arguments");
    if (!call.given) {
      call.arguments += bytes;
    } else if (bytes.find_first_not_of(" \t\r\n") != std::string::npos) {
      fail_malformed("went on with the arguments of a call that were whole");
    }
  }

  /// In order; before the end only those that are whole. A whole JSON object
  /// cannot go on, so it is safe to give even where pieces interleave.
  void give_calls(bool at_end) {
    for (; given_ < calls_.size() && (at_end || is_json_object(calls_[given_].arguments)); ++given_) {
      auto& each = calls_[given_];
      each.given = true;
      call(each.id, each.name, std::exchange(each.arguments, {}));
    }
  }

  void read_reason(std::string_view reason) {
    if (reason == "error") return fail({failure_kind::upstream, provider() + " broke off with an error"});
    reason_seen_ = true;
    if (reason == "content_filter") {
      filter_ = reason;
      return;
    }
    length_reached_ = reason == "length";
    give_calls(true);
  }

  std::vector<pending_call> calls_;
  std::size_t given_ = 0;  // of calls_, from the front
  std::size_t argument_bytes_ = 0;
  std::string filter_;  // the reason, when a filter stopped the answer
  bool reason_seen_ = false;
  bool length_reached_ = false;
};

}  // namespace

std::unique_ptr<stream_decoder> make_openai_decoder(std::string key, const model_request& request) {
  return std::make_unique<openai_decoder>("openai", std::move(key), request);
}

}  // namespace troupe::models
