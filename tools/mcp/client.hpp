#pragma once

/// \file
/// The MCP client's side of a conversation with one server: which revision,
/// which tools, which answer belongs to which call. Pure: messages and
/// failures go in, messages and events come out; whoever holds it owns time and
/// the transport (mcp_server.hpp). Source: DESIGN §12 "MCP", revision.hpp.
///
///     client talk(options);
///     talk.start();                       // then send talk.take_outgoing()
///     talk.receive(text);                 // or request_failed(...)
///     for (auto& event : talk.take_events()) ...
///
/// What the server asks of us: ping is answered, everything else (sampling,
/// roots, elicitation) gets "method not found". Its log messages are dropped.
///
/// Ownership: a value. Thread safety: none.
/// Errors: a message that is none is a failure of `receive` and costs nothing else.
/// Bounds: `most_tools`, `most_pages` of 'tools/list'; a result's text is cut at
/// `longest_result`. Calls in flight are the holder's to bound.

#include "tools/mcp/catalogue.hpp"
#include "tools/mcp/rpc.hpp"
#include "tools/mcp/transport.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::mcp {

struct client_options {
  std::string server;             ///< its configured name, for messages
  std::string prefix;             ///< of tool names; empty: none
  std::string revision = "auto";  ///< or one of revision.hpp
  std::string client_version = "0";
  bool over_http = false;
  std::size_t most_tools = 512;
  int most_pages = 64;
  std::size_t longest_result = 1024 * 1024;
};

struct client_event {
  enum class kind : std::uint8_t {
    negotiated,          ///< the revision is known; `text` is its name
    listed,              ///< the catalogue is new, complete
    finished,            ///< `request`: the call's result is `text`, `is_error`
    not_begun,           ///< `request`: the call was refused before it began; `error`
    retry,               ///< `request`: the server had forgotten us; call again once `listed` comes
    outcome_unknown,     ///< `request`: begun, but its answer was lost; `error`
    progress,            ///< `request`: it is still at work
    subscription_ended,  ///< changes may go unnoticed: call `refresh` after a while
    try_older_http,      ///< call `transport::use_older_http`, then `start_over`
    broken,              ///< this conversation is over; `error`
  };
  kind what = kind::broken;
  std::int64_t request = 0;
  std::string text;
  bool is_error = false;
  failure error;
};

class client {
 public:
  explicit client(client_options options) : options_(std::move(options)) {}

  /// Begins: asks which revisions the server speaks.
  void start();
  /// Begins anew with the handshake, without asking first.
  void start_over();
  /// The server was silent for long enough that it must be one with a handshake.
  void probe_expired();

  /// Takes one message of the server's.
  expected<void> receive(std::string_view text);
  /// The transport's `failed`.
  void request_failed(const transport_event& event);

  /// REQUIRES: `is_ready`; `arguments` is a JSON object. Returns the call's id.
  /// `traceparent` goes along in `_meta` (SEP-414) and as a header; empty: none.
  std::int64_t call(const listed_tool& tool, tools::json_element arguments, std::string_view traceparent = {});
  void cancel(std::int64_t request, std::string_view reason);
  /// Lists the tools again; a stateless server is also asked to say when they change.
  void refresh();

  bool is_probing() const { return state_ == state::probing; }
  bool is_ready() const { return state_ == state::ready; }
  bool is_listing() const { return listing_ != 0; }
  const std::string& revision() const { return revision_; }
  const catalogue& tools() const { return tools_; }
  /// What the transport sends with every request of this revision.
  http_headers common_headers() const;

  std::vector<outgoing> take_outgoing() { return std::exchange(outgoing_, {}); }
  /// Requests whose answers have come: their streams may be closed.
  std::vector<std::int64_t> take_answered() { return std::exchange(answered_, {}); }
  std::vector<client_event> take_events() { return std::exchange(events_, {}); }

 private:
  enum class state : std::uint8_t { idle, probing, initializing, ready, broken };
  enum class asked : std::uint8_t { discover, initialize, list, call, listen };

  bool is_stateless() const;
  void send_discover();
  void send_initialize();
  void send_list(std::string_view cursor);
  void subscribe();
  std::int64_t send_request(asked what, std::string_view method, const std::string& params, http_headers headers);
  void notify(std::string_view method, std::string_view params);
  std::string with_meta(std::string_view members) const;
  http_headers request_headers(std::string_view method, std::string_view name) const;

  void take(const rpc_message& message);
  void take_result(asked what, const rpc_message& message);
  void take_error(asked what, std::int64_t id, std::int64_t code, const std::string& text,
                  const std::optional<tools::json_element>& data);
  void take_request(const rpc_message& message);
  void take_notification(const rpc_message& message);
  void discovered(tools::json_element result);
  void discover_refused(std::int64_t code, const std::string& text, const std::optional<tools::json_element>& data);
  void initialized(tools::json_element result);
  void take_page(tools::json_element result);
  void list_failed(const failure& error);
  void call_finished(std::int64_t id, tools::json_element result);
  void negotiated(std::string_view revision, tools::json_element capabilities_of);
  void finish_list();
  void break_off(failure_kind kind, std::string text);
  void emit(client_event::kind what, std::int64_t request = 0, std::string text = {}, bool is_error = false,
            failure error = {});
  bool fail_by_body(asked what, const transport_event& event);

  client_options options_;
  state state_ = state::idle;
  std::string revision_;
  std::int64_t next_id_ = 1;
  std::map<std::int64_t, asked> asked_;
  catalogue tools_;
  catalogue pages_;           ///< of the listing under way
  std::int64_t listing_ = 0;  ///< id of its request
  int page_ = 0;
  std::string cursor_;
  bool list_again_ = false;
  bool listed_once_ = false;
  bool has_tools_ = false;
  bool tells_changes_ = false;
  std::int64_t listening_ = 0;
  bool tried_older_http_ = false;
  std::vector<outgoing> outgoing_;
  std::vector<std::int64_t> answered_;
  std::vector<client_event> events_;
};

}  // namespace troupe::mcp
