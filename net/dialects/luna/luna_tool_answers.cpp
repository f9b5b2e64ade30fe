// From a client's answer to what the model reads.

#include "net/dialects/luna/luna_tool_arguments.hpp"
#include "net/dialects/luna/luna_tools.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace troupe::luna {
namespace {

using element = simdjson::dom::element;
using object = simdjson::dom::object;

/// The tool's raw result: in C the frame itself, in N what `data` holds.
struct raw_result {
  std::string status;
  std::string message;
  std::optional<element> data;  ///< points into the thread's parser
};

std::string text_field(const object& from, std::string_view name) {
  std::string_view value;
  if (from[name].get(value) != simdjson::SUCCESS) return {};
  return std::string(value);
}

raw_result read(const client_response& response) {
  raw_result out{response.status, response.message, std::nullopt};
  if (response.data.empty()) return out;
  const auto parsed = net::parse_json(response.data);
  if (!parsed) return out;
  if (!response.status.empty()) {
    out.data = *parsed;
    return out;
  }
  object inner;
  if (parsed->get(inner) != simdjson::SUCCESS) return out;
  out.status = text_field(inner, "status");
  out.message = text_field(inner, "message");
  element data;
  if (inner["data"].get(data) == simdjson::SUCCESS && !data.is_null()) out.data = data;
  return out;
}

/// Lists come bare (N, reminders) or inside an object, under their name (C).
std::optional<simdjson::dom::array> list_of(const raw_result& result, std::string_view name) {
  simdjson::dom::array items;
  if (!result.data) return std::nullopt;
  if (result.data->get(items) == simdjson::SUCCESS) return items;
  object inner;
  if (result.data->get(inner) == simdjson::SUCCESS && inner[name].get(items) == simdjson::SUCCESS) return items;
  return std::nullopt;
}

struct memory_item {
  std::string id;  ///< as JSON; empty: none
  std::string_view text;
  double confidence = 0;
};

std::optional<memory_item> read_memory(element from) {
  object fields;
  memory_item out;
  if (from.get(fields) != simdjson::SUCCESS) return std::nullopt;
  if (fields["memory"].get(out.text) != simdjson::SUCCESS && fields["text"].get(out.text) != simdjson::SUCCESS)
    return std::nullopt;
  element id;
  if (fields["id"].get(id) == simdjson::SUCCESS && (id.is_string() || id.is_int64() || id.is_uint64()))
    out.id = simdjson::minify(id);
  if (fields["confidence"].get(out.confidence) != simdjson::SUCCESS || !std::isfinite(out.confidence))
    out.confidence = 0;
  return out;
}

std::string memory_lines(const raw_result& result) {
  std::string out;
  if (auto items = list_of(result, "memories"))
    for (auto each : *items) {
      const auto memory = read_memory(each);
      if (!memory) continue;
      char confidence[40];
      std::snprintf(confidence, sizeof confidence, " (confidence %.2f", memory->confidence);
      out += std::string(memory->text) + confidence + (memory->id.empty() ? "" : ", id " + memory->id) + ")\n";
    }
  if (out.empty()) return R"({"status":"no_memories"})";
  out.pop_back();
  return out;
}

std::string listed(const raw_result& result, const char* name, const char* counted) {
  object_writer out;
  out.text("status", "success");
  const auto items = list_of(result, name);
  out.json(name, items ? simdjson::minify(*items) : "[]");
  if (counted) out.json(counted, std::to_string(items ? items->size() : 0));
  return out.done();
}

std::string as_it_came(const raw_result& result) {
  object_writer out;
  out.text("status", "success");
  if (!result.message.empty()) out.text("message", result.message);
  if (result.data) out.json("data", simdjson::minify(*result.data));
  return out.done();
}

std::string shaped(const raw_result& result, answer_shape shape) {
  switch (shape) {
    case answer_shape::memory_lines: return memory_lines(result);
    case answer_shape::memories: return listed(result, "memories", "count");
    case answer_shape::reminders: return listed(result, "reminders", nullptr);
    case answer_shape::workspaces: return listed(result, "workspaces", "total");
    case answer_shape::raw: break;
  }
  return as_it_came(result);
}

}  // namespace

tool_result error_result(const tool_call& call, std::string_view message) {
  return {call.id, call.name, object_writer().text("status", "error").text("message", message).done(), true};
}

tool_result sent_result(const tool_call& call) {
  return {call.id, call.name, R"({"status":"success"})", false};
}

tool_result read_result(const tool_call& call, answer_shape shape, const client_response& response) {
  const auto result = read(response);
  if (result.status.empty()) return error_result(call, "the client's answer has no status");
  if (result.status != "success")
    return error_result(call,
                        net::repair_utf8(result.message.empty() ? "the client answered " + result.status.substr(0, 64)
                                                                : result.message.substr(0, tool_result_limit)));
  auto content = shaped(result, shape);
  if (content.size() > tool_result_limit)
    return error_result(call, "the client's answer is too long: " + std::to_string(content.size()) + " bytes, at most "
                                  + std::to_string(tool_result_limit));
  return {call.id, call.name, std::move(content), false};
}

bool succeeded(const client_response& response) {
  return read(response).status == "success";
}

std::string list_json(const client_response& response, std::string_view name) {
  const auto result = read(response);
  const auto items = result.status == "success" ? list_of(result, name) : std::nullopt;
  return items ? simdjson::minify(*items) : std::string();
}

std::vector<memory_hit> read_memories(const client_response& response, std::size_t limit) {
  std::vector<memory_hit> out;
  const auto result = read(response);
  const auto items = result.status == "success" ? list_of(result, "memories") : std::nullopt;
  if (!items) return out;
  for (auto each : *items) {
    if (out.size() == limit) break;
    const auto memory = read_memory(each);
    if (!memory || memory->text.empty()) continue;
    memory_hit hit;
    hit.record.text = std::string(memory->text);
    hit.record.kind = "fact";
    hit.record.importance = static_cast<float>(std::min(1.0, std::max(0.0, memory->confidence)));
    hit.record.source = "client";
    hit.score = hit.record.importance;
    hit.matched = true;
    out.push_back(std::move(hit));
  }
  return out;
}

}  // namespace troupe::luna
