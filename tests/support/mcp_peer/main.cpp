// A small MCP server over stdio for tests, written against the specification
// and not with our own client's code. Its first argument says how it behaves:
//
//   normal      a server with a handshake (2025-11-25)
//   stateless   a server of 2026-07-28: no handshake, answers server/discover
//   silent      like normal, but says nothing to what it does not know
//   chatty      prints lines that are no JSON between its answers
//   noisy       writes a lot to standard error, a secret among it
//   stubborn    ignores SIGTERM and the end of its input
//   family      like stubborn, with a child of its own that is like that, too
//   broken      ends at once with status 3 and a reason on standard error
//   deaf        never reads its input
//
// Its tools: echo, environment, hang, crash, progress, huge, grow.

#include <boost/json.hpp>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include <unistd.h>

extern char** environ;

namespace {

namespace json = boost::json;

std::string mode;
bool grown = false;

void say(const json::value& message) {
  std::cout << json::serialize(message) << "\n" << std::flush;
}

void answer(const json::value& id, json::value result) {
  if (mode == "stateless") result.as_object()["resultType"] = "complete";
  say({{"jsonrpc", "2.0"}, {"id", id}, {"result", result}});
}

void refuse(const json::value& id, int code, const char* text, json::value data = {}) {
  say({{"jsonrpc", "2.0"}, {"id", id}, {"error", {{"code", code}, {"message", text}, {"data", data}}}});
}

void answer_text(const json::value& id, const std::string& text, bool is_error = false) {
  answer(id, {{"content", json::array{{{"type", "text"}, {"text", text}}}}, {"isError", is_error}});
}

json::value tool(const char* name) {
  return {{"name", name},
          {"description", "a test's tool"},
          {"inputSchema", {{"type", "object"}, {"properties", {{"text", {{"type", "string"}}}}}}}};
}

/// Two to a page, so that listing takes several.
void list(const json::value& id, const json::object& params) {
  std::vector<const char*> names{"echo", "environment", "hang", "crash", "progress", "huge", "grow"};
  if (grown) names.push_back("grown");
  const auto* cursor = params.if_contains("cursor");
  const std::size_t from = cursor ? std::stoul(std::string(cursor->as_string())) : 0;
  json::array page;
  for (auto i = from; i < names.size() && i < from + 2; ++i) page.push_back(tool(names[i]));
  json::object result{{"tools", page}};
  if (from + 2 < names.size()) result["nextCursor"] = std::to_string(from + 2);
  answer(id, result);
}

std::string environment() {
  std::string out;
  for (char** each = environ; *each != nullptr; ++each) out += std::string(*each) + "\n";
  return out;
}

void grow() {
  grown = true;
  say({{"jsonrpc", "2.0"}, {"method", "notifications/tools/list_changed"}});
}

void call(const json::value& id, const json::object& params) {
  const std::string name(params.at("name").as_string());
  if (name == "echo") {
    const auto* text = params.at("arguments").as_object().if_contains("text");
    return answer_text(id, text ? std::string(text->as_string()) : "nothing");
  }
  if (name == "environment") return answer_text(id, environment());
  if (name == "hang") return;
  if (name == "crash") std::_Exit(7);
  if (name == "huge") {
    std::cout << std::string(17 * 1024 * 1024, 'x') << std::flush;
    return;
  }
  if (name == "grow") {
    answer_text(id, "grown");
    return grow();
  }
  if (name == "progress") {
    const auto token = params.at("_meta").as_object().at("progressToken");
    say({{"jsonrpc", "2.0"},
         {"method", "notifications/progress"},
         {"params", {{"progressToken", token}, {"progress", 1}}}});
    return answer_text(id, "done");
  }
  refuse(id, -32602, "unknown tool");
}

bool has_stateless_meta(const json::object& params) {
  const auto* meta = params.if_contains("_meta");
  const auto* version = meta ? meta->as_object().if_contains("io.modelcontextprotocol/protocolVersion") : nullptr;
  return version && version->as_string() == "2026-07-28"
         && meta->as_object().contains("io.modelcontextprotocol/clientCapabilities");
}

void take(const json::object& message) {
  const auto* id = message.if_contains("id");
  const auto* named = message.if_contains("method");
  if (!named || !id) return;
  const std::string method(named->as_string());
  const auto* given = message.if_contains("params");
  const auto params = given ? given->as_object() : json::object();
  if (mode == "stateless") {
    if (!has_stateless_meta(params)) return refuse(*id, -32602, "_meta is missing");
    if (method == "server/discover")
      return answer(*id, {{"supportedVersions", json::array{"2026-07-28"}},
                          {"capabilities", {{"tools", {{"listChanged", true}}}}}});
    if (method == "subscriptions/listen")
      return say(
          {{"jsonrpc", "2.0"}, {"method", "notifications/subscriptions/acknowledged"}, {"params", json::object()}});
  } else if (method == "initialize") {
    const auto version = params.at("protocolVersion");
    return answer(*id, {{"protocolVersion", version},
                        {"capabilities", {{"tools", {{"listChanged", true}}}}},
                        {"serverInfo", {{"name", "peer"}, {"version", "1"}}}});
  }
  if (method == "tools/list") return list(*id, params);
  if (method == "tools/call") return call(*id, params);
  if (mode != "silent") refuse(*id, -32601, "no such method");
}

void wait_for_ever() {
  while (true) pause();
}

}  // namespace

int main(int count, char** words) {
  mode = count > 1 ? words[1] : "normal";
  if (mode == "broken") {
    std::cerr << "starting\nno such folder: " << (std::getenv("PEER_SECRET") ? std::getenv("PEER_SECRET") : "") << "\n";
    return 3;
  }
  if (mode == "deaf") wait_for_ever();
  if (mode == "stubborn" || mode == "family") std::signal(SIGTERM, SIG_IGN);
  if (mode == "family" && fork() == 0) wait_for_ever();
  if (mode == "noisy") std::cerr << std::string(300000, 'e') << "\n";
  std::string line;
  while (std::getline(std::cin, line)) {
    if (mode == "chatty") std::cout << "[info] got a line {\n\n" << std::flush;
    take(json::parse(line).as_object());
  }
  if (mode == "stubborn" || mode == "family") wait_for_ever();
  return 0;
}
