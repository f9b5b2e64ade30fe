#include "tools/mcp/rpc.hpp"

namespace troupe::mcp {
namespace {

using namespace troupe::tools;

constexpr std::size_t most_messages = 1000;
constexpr std::size_t longest_error = 300;

failure no_message(const char* rule) {
  return {failure_kind::invalid, std::string("not a JSON-RPC message: ") + rule};
}

expected<rpc_message> read_one(json_element root) {
  if (!root.is_object()) return no_message("it must be an object");
  if (text_member(root, "jsonrpc") != "2.0") return no_message("jsonrpc must be \"2.0\"");
  rpc_message made;
  const auto id = member(root, "id");
  if (const auto method = text_member(root, "method")) {
    made.what = id ? rpc_message::kind::request : rpc_message::kind::notification;
    made.method = *method;
    made.body = member(root, "params");
    if (id && !id->is_string() && !id->is_int64()) return no_message("id must be a text or a whole number");
    if (id) made.id_text = json_text(*id);
    return made;
  }
  made.id = number_member(root, "id").value_or(0);
  if (const auto error = member(root, "error")) {
    made.what = rpc_message::kind::error;
    made.code = number_member(*error, "code").value_or(0);
    made.text = shortened(text_member(*error, "message").value_or("no reason given"), longest_error);
    made.body = member(*error, "data");
    return made;
  }
  made.what = rpc_message::kind::result;
  made.body = member(root, "result");
  if (!made.body) return no_message("it has neither method, result nor error");
  return made;
}

std::string head(std::string_view method) {
  return ",\"method\":" + json_quoted(method);
}

}  // namespace

expected<rpc_messages> read_rpc(std::string_view text) {
  auto document = json_document::parse(text);
  if (!document) return document.error();
  rpc_messages made{std::move(*document), {}};
  json_array list;
  if (made.document.root().get(list)) {
    auto one = read_one(made.document.root());
    if (!one) return one.error();
    made.all.push_back(std::move(*one));
    return made;
  }
  for (auto each : list) {
    if (made.all.size() == most_messages) return no_message("a list may hold at most 1000");
    auto one = read_one(each);
    if (!one) return one.error();
    made.all.push_back(std::move(*one));
  }
  return made;
}

std::string rpc_request(std::int64_t id, std::string_view method, std::string_view params) {
  std::string out = "{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(id) + head(method);
  if (!params.empty()) out.append(",\"params\":").append(params);
  return out + "}";
}

std::string rpc_notification(std::string_view method, std::string_view params) {
  std::string out = "{\"jsonrpc\":\"2.0\"" + head(method);
  if (!params.empty()) out.append(",\"params\":").append(params);
  return out + "}";
}

std::string rpc_empty_result(std::string_view id_text) {
  return "{\"jsonrpc\":\"2.0\",\"id\":" + std::string(id_text) + ",\"result\":{}}";
}

std::string rpc_error(std::string_view id_text, int code, std::string_view text) {
  return "{\"jsonrpc\":\"2.0\",\"id\":" + std::string(id_text) + ",\"error\":{\"code\":" + std::to_string(code)
         + ",\"message\":" + json_quoted(text) + "}}";
}

}  // namespace troupe::mcp
