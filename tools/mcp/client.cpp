#include "tools/mcp/client.hpp"

#include "tools/mcp/call_result.hpp"
#include "tools/mcp/revision.hpp"

namespace troupe::mcp {

using namespace troupe::tools;

// -- the catalogue --------------------------------------------------------------

void client::refresh() {
  if (state_ != state::ready) return;
  if (listing_ != 0) {
    list_again_ = true;
    return;
  }
  pages_ = catalogue(options_.prefix, options_.most_tools, options_.over_http);
  page_ = 0;
  if (!has_tools_) return finish_list();
  send_list("");
}

void client::send_list(std::string_view cursor) {
  cursor_ = cursor;
  const auto members = cursor.empty() ? std::string() : "\"cursor\":" + json_quoted(cursor);
  const auto params = is_stateless() || !members.empty() ? with_meta(members) : std::string();
  listing_ = send_request(asked::list, "tools/list", params, request_headers("tools/list", ""));
}

void client::take_page(json_element result) {
  listing_ = 0;
  if (const auto page = array_member(result, "tools")) pages_.add(*page);
  const auto next = text_member(result, "nextCursor").value_or("");
  const bool more = !next.empty() && next != cursor_ && ++page_ < options_.most_pages && !pages_.is_full();
  if (more) return send_list(std::string(next));
  finish_list();
}

void client::finish_list() {
  tools_ = std::move(pages_);
  listed_once_ = true;
  emit(client_event::kind::listed);
  subscribe();
  if (std::exchange(list_again_, false)) refresh();
}

void client::list_failed(const failure& error) {
  listing_ = 0;
  // A server without tools need not know the method.
  if (error.kind == failure_kind::not_found) return finish_list();
  if (!listed_once_ || error.kind == failure_kind::unavailable) return break_off(error.kind, error.message);
  if (std::exchange(list_again_, false)) refresh();
}

void client::subscribe() {
  if (state_ != state::ready || !is_stateless() || !tells_changes_ || listening_ != 0) return;
  listening_ =
      send_request(asked::listen, "subscriptions/listen", with_meta("\"notifications\":{\"toolsListChanged\":true}"),
                   request_headers("subscriptions/listen", ""));
  outgoing_.back().long_lived = true;
}

// -- calls ------------------------------------------------------------------------

std::int64_t client::call(const listed_tool& tool, json_element arguments, std::string_view traceparent) {
  const auto id = next_id_;
  auto headers = request_headers("tools/call", tool.remote_name);
  if (is_stateless())
    for (auto& each : mirrored_headers(tool.mirrored, arguments)) headers.push_back(std::move(each));
  auto meta = "\"progressToken\":" + std::to_string(id);
  if (!traceparent.empty()) {
    meta += ",\"traceparent\":" + json_quoted(traceparent);
    headers.emplace_back("traceparent", traceparent);
  }
  const auto members = "\"name\":" + json_quoted(tool.remote_name) + ",\"arguments\":" + json_text(arguments);
  auto params = with_meta(members);
  if (is_stateless())  // `_meta` stands last; ours joins it
    params.insert(params.size() - 2, "," + meta);
  else
    params.insert(params.size() - 1, ",\"_meta\":{" + meta + "}");
  return send_request(asked::call, "tools/call", params, std::move(headers));
}

void client::cancel(std::int64_t request, std::string_view reason) {
  if (asked_.erase(request) == 0) return;
  // Over HTTP, the stateless revision takes the closed stream as the cancel.
  if (is_stateless() && options_.over_http) return;
  notify("notifications/cancelled",
         "{\"requestId\":" + std::to_string(request) + ",\"reason\":" + json_quoted(reason) + "}");
}

void client::call_finished(std::int64_t id, json_element result) {
  const auto type = text_member(result, "resultType").value_or("complete");
  if (type == "input_required")
    return emit(client_event::kind::finished, id, "the tool asks for input from the user, which cannot be given here",
                true);
  if (type != "complete")
    return emit(client_event::kind::finished, id, "the tool answered with an unknown kind of result", true);
  auto text = read_call_result(result, options_.longest_result);
  emit(client_event::kind::finished, id, std::move(text.content), text.is_error);
}

// -- what comes in ----------------------------------------------------------------

expected<void> client::receive(std::string_view text) {
  auto messages = read_rpc(text);
  if (!messages) return messages.error();
  for (auto& each : messages->all)
    if (state_ != state::broken) take(each);
  return {};
}

void client::take(const rpc_message& message) {
  if (message.what == rpc_message::kind::request) return take_request(message);
  if (message.what == rpc_message::kind::notification) return take_notification(message);
  const auto found = asked_.find(message.id);
  if (found == asked_.end()) return;  // cancelled, or none of ours
  const auto what = found->second;
  asked_.erase(found);
  answered_.push_back(message.id);
  if (message.what == rpc_message::kind::error)
    take_error(what, message.id, message.code, message.text, message.body);
  else
    take_result(what, message);
}

void client::take_result(asked what, const rpc_message& message) {
  switch (what) {
    case asked::discover: return discovered(*message.body);
    case asked::initialize: return initialized(*message.body);
    case asked::list: return take_page(*message.body);
    case asked::call: return call_finished(message.id, *message.body);
    case asked::listen: listening_ = 0; return emit(client_event::kind::subscription_ended);
  }
}

void client::take_error(asked what, std::int64_t id, std::int64_t code, const std::string& text,
                        const std::optional<json_element>& data) {
  const auto kind = code == method_not_found ? failure_kind::not_found : failure_kind::upstream;
  switch (what) {
    case asked::discover: return discover_refused(code, text, data);
    case asked::initialize:
      if (state_ == state::initializing) break_off(failure_kind::incompatible, "refused the handshake: " + text);
      return;
    case asked::list: return list_failed({kind, "would not list its tools: " + text});
    case asked::call:
      if (code == header_mismatch) refresh();  // the tool's schema must have changed
      return emit(client_event::kind::finished, id,
                  "the tool server refused the call: " + text + " (" + std::to_string(code) + ")", true);
    case asked::listen:
      listening_ = 0;
      if (code == method_not_found) tells_changes_ = false;
      return emit(client_event::kind::subscription_ended);
  }
}

void client::take_request(const rpc_message& message) {
  auto answer = message.method == "ping" ? rpc_empty_result(message.id_text)
                                         : rpc_error(message.id_text, method_not_found,
                                                     "this client does not do " + shortened(message.method, 100));
  outgoing_.push_back({std::move(answer), 0, common_headers()});
}

void client::take_notification(const rpc_message& message) {
  if (message.method == "notifications/tools/list_changed") {
    has_tools_ = true;
    return refresh();
  }
  if (message.method == "notifications/progress" && message.body) {
    const auto id = number_member(*message.body, "progressToken").value_or(0);
    const auto found = asked_.find(id);
    if (found != asked_.end() && found->second == asked::call) emit(client_event::kind::progress, id);
    return;
  }
  if (message.method == "notifications/cancelled" && message.body && listening_ != 0
      && number_member(*message.body, "requestId") == listening_) {
    asked_.erase(listening_);
    listening_ = 0;
    emit(client_event::kind::subscription_ended);
  }
}

// -- what goes out ------------------------------------------------------------------

bool client::is_stateless() const {
  return revision_ == stateless_revision;
}

std::string client::with_meta(std::string_view members) const {
  std::string out = "{" + std::string(members);
  if (!is_stateless()) return out + "}";
  if (!members.empty()) out += ',';
  return out + "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":" + json_quoted(revision_)
         + ",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"troupe\",\"version\":"
         + json_quoted(options_.client_version) + "},\"io.modelcontextprotocol/clientCapabilities\":{}}}";
}

http_headers client::common_headers() const {
  // Revisions before 2025-06-18 do not know the header.
  if (revision_.empty() || revision_ < "2025-06-18") return {};
  return {{"MCP-Protocol-Version", revision_}};
}

http_headers client::request_headers(std::string_view method, std::string_view name) const {
  auto headers = common_headers();
  if (!is_stateless()) return headers;
  headers.emplace_back("Mcp-Method", method);
  if (!name.empty()) headers.emplace_back("Mcp-Name", header_text(name));
  return headers;
}

std::int64_t client::send_request(asked what, std::string_view method, const std::string& params,
                                  http_headers headers) {
  const auto id = next_id_++;
  asked_[id] = what;
  outgoing_.push_back({rpc_request(id, method, params), id, std::move(headers)});
  return id;
}

void client::notify(std::string_view method, std::string_view params) {
  outgoing_.push_back({rpc_notification(method, params), 0, request_headers(method, "")});
}

void client::emit(client_event::kind what, std::int64_t request, std::string text, bool is_error, failure error) {
  events_.push_back({what, request, std::move(text), is_error, std::move(error)});
}

void client::break_off(failure_kind kind, std::string text) {
  if (state_ == state::broken) return;
  state_ = state::broken;
  asked_.clear();
  listing_ = listening_ = 0;
  emit(client_event::kind::broken, 0, {}, false, {kind, std::move(text)});
}

}  // namespace troupe::mcp
