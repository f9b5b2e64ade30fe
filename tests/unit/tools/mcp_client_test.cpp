#include "support/catch.hpp"
#include "tools/mcp/call_result.hpp"
#include "tools/mcp/client.hpp"
#include "tools/mcp/endpoint_url.hpp"

using namespace troupe;
using namespace troupe::mcp;
using kind = client_event::kind;

namespace {

/// The client and what it said, with a server made of lines of text.
struct talk {
  explicit talk(client_options options = {})
      : side([&] {
          options.server = "peer";
          return options;
        }()) {
    side.start();
    take();
  }

  void take() {
    for (auto& each : side.take_outgoing()) sent.push_back(std::move(each));
    for (auto& each : side.take_events()) events.push_back(std::move(each));
  }
  void hear(const std::string& text) {
    const auto taken = side.receive(text);
    INFO(text);
    REQUIRE(taken.has_value());
    take();
  }
  /// An answer to the last request sent.
  void result(const std::string& text) {
    hear("{\"jsonrpc\":\"2.0\",\"id\":" + last_id() + ",\"result\":" + text + "}");
  }
  void error(int code, const std::string& more = "") {
    hear("{\"jsonrpc\":\"2.0\",\"id\":" + last_id() + ",\"error\":{\"code\":" + std::to_string(code)
         + ",\"message\":\"why\"" + more + "}}");
  }
  void fail(int status, std::string body = "", failure why = {}, bool session_lost = false) {
    transport_event event;
    event.what = transport_event::kind::failed;
    event.request = std::stoll(last_id());
    event.status = status;
    event.text = std::move(body);
    event.error = std::move(why);
    event.session_lost = session_lost;
    side.request_failed(event);
    take();
  }

  std::string last_id() const {
    for (auto at = sent.rbegin(); at != sent.rend(); ++at)
      if (at->request != 0) return std::to_string(at->request);
    return "0";
  }
  std::string method(std::size_t from_end = 0) const {
    if (sent.size() <= from_end) return "";
    const auto read = tools::json_document::parse(sent[sent.size() - 1 - from_end].text);
    return std::string(tools::text_member(read->root(), "method").value_or("an answer"));
  }
  std::string last() const { return sent.back().text; }
  const client_event* event(kind what) const {
    for (auto at = events.rbegin(); at != events.rend(); ++at)
      if (at->what == what) return &*at;
    return nullptr;
  }
  std::string header(const std::string& name) const {
    for (auto& [key, value] : sent.back().headers)
      if (key == name) return value;
    return "";
  }

  /// Through the handshake to a list of one tool.
  talk& shaken() {
    error(-32601);
    result(R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}}})");
    result(R"({"tools":[{"name":"echo","inputSchema":{"type":"object"}}]})");
    return *this;
  }
  talk& discovered() {
    result(
        R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{"listChanged":true}}})");
    result(R"({"resultType":"complete","tools":[{"name":"run it","inputSchema":{"type":"object","properties":{
      "region":{"type":"string","x-mcp-header":"Region"},"deep":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}}}]})");
    return *this;
  }
  std::int64_t call(const std::string& arguments = "{}", const std::string& traceparent = "") {
    const auto read = tools::json_document::parse(arguments);
    const auto id = side.call(side.tools().all().front(), read->root(), traceparent);
    take();
    return id;
  }

  client side;
  std::vector<outgoing> sent;
  std::vector<client_event> events;
};

client_options over_http() {
  client_options options;
  options.over_http = true;
  return options;
}

call_text result_text(const std::string& json, std::size_t limit = 100000) {
  const auto read = tools::json_document::parse(json);
  REQUIRE(read);
  return read_call_result(read->root(), limit);
}

}  // namespace

TEST_CASE("a server that does not know server/discover gets the handshake") {
  talk t;
  CHECK(t.method() == "server/discover");
  t.error(-32601);
  CHECK(t.method() == "initialize");
  CHECK(t.last().find("\"protocolVersion\":\"2025-11-25\"") != std::string::npos);
  t.result(R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{}}})");
  CHECK(t.method(1) == "notifications/initialized");
  CHECK(t.sent[t.sent.size() - 2].barrier);
  CHECK(t.method() == "tools/list");
  CHECK(t.header("MCP-Protocol-Version") == "2025-06-18");
  CHECK(t.side.revision() == "2025-06-18");
  t.result(R"({"tools":[]})");
  CHECK(t.event(kind::listed));
}

TEST_CASE("a server that says nothing to server/discover gets the handshake after a while") {
  talk t;
  t.side.probe_expired();
  t.take();
  CHECK(t.method() == "initialize");
  SECTION("and it may take its time with that") {
    t.result(R"({"protocolVersion":"2025-11-25","capabilities":{}})");
    CHECK(t.event(kind::listed));
  }
  SECTION("but one that then answers the first question is stateless all the same") {
    t.hear(R"({"jsonrpc":"2.0","id":1,"result":{"supportedVersions":["2026-07-28"],"capabilities":{}}})");
    CHECK(t.side.revision() == "2026-07-28");
    t.hear(R"({"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no such method"}})");
    CHECK_FALSE(t.event(kind::broken));
    CHECK(t.side.is_ready());
  }
}

TEST_CASE("a server of 2026-07-28 gets no handshake, and its revision with every request") {
  talk t(over_http());
  CHECK(t.header("Mcp-Method") == "server/discover");
  CHECK(t.header("MCP-Protocol-Version") == "2026-07-28");
  t.discovered();
  CHECK(t.method() == "subscriptions/listen");
  CHECK(t.sent.back().long_lived);
  for (auto& each : t.sent) {
    CHECK(each.text.find("\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"") != std::string::npos);
    CHECK(each.text.find("\"io.modelcontextprotocol/clientCapabilities\":{}") != std::string::npos);
    CHECK(tools::json_document::parse(each.text).has_value());
  }
  t.call(R"({"region":"north sea","deep":{"n":7}})");
  CHECK(tools::json_document::parse(t.last()).has_value());
  CHECK(t.last().find("\"progressToken\":4}") != std::string::npos);
  CHECK(t.header("Mcp-Name") == "run it");
  CHECK(t.header("Mcp-Param-Region") == "north sea");
  CHECK(t.header("Mcp-Param-N") == "7");
}

TEST_CASE("which revision is spoken follows what the server says it speaks") {
  SECTION("an unsupported revision with one of ours among the supported") {
    talk t;
    t.error(-32022, R"(,"data":{"supported":["2027-01-01","2025-11-25"]})");
    CHECK(t.method() == "initialize");
  }
  SECTION("an unsupported revision without one of ours") {
    talk t;
    t.error(-32022, R"(,"data":{"supported":["2027-01-01"]})");
    REQUIRE(t.event(kind::broken));
    CHECK(t.event(kind::broken)->error.kind == failure_kind::incompatible);
  }
  SECTION("a handshake that ends in a revision we do not know") {
    talk t;
    t.error(-32601);
    t.result(R"({"protocolVersion":"1999-01-01","capabilities":{}})");
    REQUIRE(t.event(kind::broken));
    CHECK(t.event(kind::broken)->error.message == "speaks revision 1999-01-01 of MCP, which we do not");
  }
  SECTION("a revision that is configured is not asked for") {
    client_options options;
    options.revision = "2025-06-18";
    talk t(options);
    CHECK(t.method() == "initialize");
    CHECK(t.last().find("2025-06-18") != std::string::npos);
  }
}

TEST_CASE("over HTTP, a status says what the server is") {
  SECTION("400 without a JSON-RPC error of the stateless revision: it wants a handshake") {
    talk t(over_http());
    t.fail(400, R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: no session"},"id":null})");
    CHECK(t.method() == "initialize");
    t.fail(405);
    CHECK(t.event(kind::try_older_http));
    t.side.start_over();
    t.take();
    CHECK(t.method() == "initialize");
    t.fail(404);
    CHECK(t.event(kind::broken));
  }
  SECTION("400 with one: it is stateless and refuses") {
    talk t(over_http());
    t.fail(400, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32021,"message":"needs elicitation"}})");
    REQUIRE(t.event(kind::broken));
    CHECK(t.event(kind::broken)->error.message.find("needs elicitation") != std::string::npos);
  }
  SECTION("401: our key is not taken, whatever else it is") {
    talk t(over_http());
    t.fail(401);
    REQUIRE(t.event(kind::broken));
    CHECK(t.event(kind::broken)->error.kind == failure_kind::auth);
  }
  SECTION("no connection") {
    talk t(over_http());
    t.fail(0, "", {failure_kind::unavailable, "cannot be reached"});
    REQUIRE(t.event(kind::broken));
    CHECK(t.event(kind::broken)->error.kind == failure_kind::unavailable);
  }
}

TEST_CASE("a list of tools is read page by page, within bounds") {
  client_options options;
  options.most_tools = 3;
  options.prefix = "peer";
  talk t(options);
  t.error(-32601);
  t.result(R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}}})");
  t.result(
      R"({"tools":[{"name":"a b","title":"T","inputSchema":{"type":"object"}},{"name":"a.b"},{"name":""}],"nextCursor":"n\"1"})");
  CHECK(t.last().find(R"("cursor":"n\"1")") != std::string::npos);
  CHECK_FALSE(t.event(kind::listed));
  t.result(R"({"tools":[{"name":"c","inputSchema":7},{"name":"d"},{"name":"e"}],"nextCursor":"more"})");
  REQUIRE(t.event(kind::listed));
  const auto& all = t.side.tools().all();
  REQUIRE(all.size() == 3);
  CHECK(all[0].spec.name == "peer__a_b");
  CHECK(all[0].spec.description == "T");
  CHECK(all[1].spec.name == "peer__a_b_2");
  CHECK(all[1].remote_name == "a.b");
  CHECK(all[2].spec.name == "peer__d");
  CHECK(t.side.tools().left_out() == 3);
}

TEST_CASE("a server that pages for ever is not followed for ever") {
  client_options options;
  options.most_pages = 5;
  talk t(options);
  t.error(-32601);
  t.result(R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}}})");
  int pages = 0;
  while (!t.event(kind::listed) && pages < 100)
    t.result("{\"tools\":[],\"nextCursor\":\"" + std::to_string(++pages) + "\"}");
  CHECK(pages == 5);
}

TEST_CASE("a changed list is read again, once more if it changes meanwhile") {
  auto t = std::move(talk().shaken());
  const auto before = t.sent.size();
  t.hear(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  t.hear(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  CHECK(t.sent.size() == before + 1);
  t.result(R"({"tools":[]})");
  CHECK(t.sent.size() == before + 2);
  t.error(-32603);  // a failed one keeps what there was
  CHECK(t.side.tools().all().empty());
  CHECK_FALSE(t.event(kind::broken));
  t.hear(R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  t.result(R"({"tools":[{"name":"new"}]})");
  CHECK(t.side.tools().all().size() == 1);
}

TEST_CASE("answers reach their own calls, in any order") {
  auto t = std::move(talk().shaken());
  const auto a = t.call(R"({"text":"a"})"), b = t.call(R"({"text":"b"})");
  auto answer = [](std::int64_t id, const char* text) {
    return "{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(id)
           + ",\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"" + text + "\"}]}}";
  };
  t.hear(answer(b, "for b"));
  CHECK(t.event(kind::finished)->request == b);
  CHECK(t.event(kind::finished)->text == "for b");
  t.hear(answer(a, "for a"));
  CHECK(t.event(kind::finished)->request == a);
  const auto count = t.events.size();
  t.hear(answer(a, "again"));
  t.hear(answer(999, "nobody's"));
  CHECK(t.events.size() == count);
}

TEST_CASE("errors of a call are results for the model") {
  auto t = std::move(talk().shaken());
  t.call();
  t.error(-32602);
  CHECK(t.event(kind::finished)->is_error);
  CHECK(t.event(kind::finished)->text == "the tool server refused the call: why (-32602)");
  t.call();
  t.result(R"({"isError":true,"content":[{"type":"text","text":"no such file"}]})");
  CHECK(t.event(kind::finished)->is_error);
  CHECK(t.event(kind::finished)->text == "no such file");
  t.call();
  t.result(R"({"resultType":"input_required","inputRequests":{}})");
  CHECK(t.event(kind::finished)->is_error);
  t.call();
  t.result(R"({"resultType":"task"})");
  CHECK(t.event(kind::finished)->is_error);
}

TEST_CASE("a call that got no answer was either never begun or its outcome is unknown") {
  auto t = std::move(talk(over_http()).shaken());
  t.call();
  t.fail(0, "", {failure_kind::unavailable, "refused the connection"});
  CHECK(t.event(kind::not_begun));
  t.call();
  t.fail(0, "", {failure_kind::broken_stream, "was cut off"});
  CHECK(t.event(kind::outcome_unknown)->error.message == "was cut off");
  t.call();
  t.fail(413);
  CHECK(t.events.back().what == kind::not_begun);
  t.call();
  t.fail(502);
  CHECK(t.events.back().what == kind::outcome_unknown);
}

TEST_CASE("a forgotten session is made anew once, and its calls are made again") {
  auto t = std::move(talk(over_http()).shaken());
  const auto a = t.call(), b = t.call();
  transport_event lost;
  lost.what = transport_event::kind::failed;
  lost.status = 404;
  lost.session_lost = true;
  lost.request = a;
  t.side.request_failed(lost);
  lost.request = b;
  t.side.request_failed(lost);
  t.take();
  CHECK(std::count_if(t.events.begin(), t.events.end(), [](auto& each) { return each.what == kind::retry; }) == 2);
  CHECK(t.method() == "initialize");
  CHECK(t.method(1) == "tools/call");
  t.result(R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}}})");
  t.result(R"({"tools":[{"name":"echo"}]})");
  CHECK(t.side.is_ready());
}

TEST_CASE("progress is told for calls in flight only") {
  auto t = std::move(talk().shaken());
  const auto id = t.call();
  auto progress = [&](const std::string& token) {
    t.hear(R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" + token + "}}");
  };
  progress("\"text\"");
  progress("77");
  CHECK_FALSE(t.event(kind::progress));
  progress(std::to_string(id));
  REQUIRE(t.event(kind::progress));
  CHECK(t.event(kind::progress)->request == id);
}

TEST_CASE("a cancelled call is told to the server, and its late answer dropped") {
  auto t = std::move(talk().shaken());
  const auto id = t.call();
  t.side.cancel(id, "user \"x\"");
  t.take();
  CHECK(t.method() == "notifications/cancelled");
  CHECK(t.last().find("\"requestId\":" + std::to_string(id)) != std::string::npos);
  const auto count = t.events.size();
  t.hear("{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(id) + ",\"result\":{}}");
  CHECK(t.events.size() == count);
  t.side.cancel(id, "twice");
  CHECK(t.side.take_outgoing().empty());
}

TEST_CASE("the stateless revision over HTTP takes a closed stream as the cancel") {
  auto t = std::move(talk(over_http()).discovered());
  const auto id = t.call();
  const auto count = t.sent.size();
  t.side.cancel(id, "x");
  t.take();
  CHECK(t.sent.size() == count);
}

TEST_CASE("what the server asks of us is answered") {
  auto t = std::move(talk().shaken());
  t.hear(R"({"jsonrpc":"2.0","id":"p\"1","method":"ping"})");
  CHECK(t.last() == R"({"jsonrpc":"2.0","id":"p\"1","result":{}})");
  for (auto method : {"sampling/createMessage", "roots/list", "elicitation/create"}) {
    t.hear(std::string(R"({"jsonrpc":"2.0","id":5,"method":")") + method + "\",\"params\":{}}");
    CHECK(t.last().find(R"("id":5,"error":{"code":-32601)") != std::string::npos);
  }
  const auto count = t.sent.size();
  t.hear(R"({"jsonrpc":"2.0","method":"notifications/message","params":{"data":"secret"}})");
  CHECK(t.sent.size() == count);
}

TEST_CASE("what is no JSON-RPC message is a failure and costs nothing else") {
  auto t = std::move(talk().shaken());
  for (auto text : {"", "hello", "[1]", "7", R"({"id":1,"result":{}})", R"({"jsonrpc":"2.0","id":1})",
                    R"({"jsonrpc":"2.0","id":{},"method":"ping"})"}) {
    CAPTURE(text);
    CHECK_FALSE(t.side.receive(text).has_value());
  }
  CHECK_FALSE(t.side.receive(std::string(100, '[')).has_value());
  t.call();
  t.result(R"({"content":[{"type":"text","text":"still here"}]})");
  CHECK(t.event(kind::finished)->text == "still here");
}

TEST_CASE("a list of messages is taken as each of them") {
  auto t = std::move(talk().shaken());
  const auto a = t.call();
  t.hear("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},{\"jsonrpc\":\"2.0\",\"id\":" + std::to_string(a)
         + ",\"result\":{\"content\":[]}}]");
  CHECK(t.event(kind::finished)->text == "(no output)");
}

TEST_CASE("a result becomes text: parts joined, what is no text named by type and size") {
  CHECK(result_text(R"({"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})").content == "a\nb");
  CHECK(
      result_text(
          R"({"content":[{"type":"image","mimeType":"image/png","data":"AAAA"},{"type":"audio","mimeType":"audio/wav","data":"AAA="}]})")
          .content
      == "[image, image/png, 3 bytes]\n[audio, audio/wav, 2 bytes]");
  CHECK(
      result_text(
          R"({"content":[{"type":"resource_link","uri":"file:///a","name":"A"},{"type":"resource","resource":{"uri":"x:1","text":"body"}},{"type":"resource","resource":{"uri":"x:2","mimeType":"a/b","blob":"AA=="}},{"type":"hologram"}]})")
          .content ==
      "[link to file:///a: A]\n[resource x:1]\nbody\n[resource x:2, a/b, 1 bytes]\n[a part of type hologram "
      "that cannot be shown]");
  CHECK(result_text(R"({"structuredContent":{"t": 22.5},"content":[]})").content == R"({"t":22.5})");
  CHECK(result_text(R"({"structuredContent":{"t":1},"content":[{"type":"text","text":"one"}]})").content == "one");
  CHECK(result_text(R"({"isError":true})").is_error);
  CHECK(result_text(R"({"content":"no list"})").content == "(no output)");
  const auto cut = result_text(R"({"content":[{"type":"text","text":"äääää"}]})", 8).content;
  CHECK(cut == "ää...\n[the rest was cut off]");
}

TEST_CASE("values are made safe for headers") {
  CHECK(header_text("us-west1") == "us-west1");
  CHECK(header_text("Hello, 世界") == "=?base64?SGVsbG8sIOS4lueVjA==?=");
  CHECK(header_text(" padded ") == "=?base64?IHBhZGRlZCA=?=");
  CHECK(header_text("line1\nline2") == "=?base64?bGluZTEKbGluZTI=?=");
  CHECK(header_text("=?base64?literal?=") == "=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=");
}

TEST_CASE("a schema whose mirrored parameters break the rules is refused") {
  auto problem = [](const char* schema) {
    const auto read = tools::json_document::parse(schema);
    const auto found = mirrored_parameters(read->root());
    return found ? std::string() : found.error().message;
  };
  CHECK(problem(R"({"properties":{"a":{"type":"string","x-mcp-header":"A"}}})").empty());
  CHECK_FALSE(problem(R"({"properties":{"a":{"type":"string","x-mcp-header":""}}})").empty());
  CHECK_FALSE(problem(R"({"properties":{"a":{"type":"string","x-mcp-header":"a\r\nb"}}})").empty());
  CHECK_FALSE(problem(R"({"properties":{"a":{"type":"number","x-mcp-header":"A"}}})").empty());
  CHECK_FALSE(
      problem(R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}})")
          .empty());
  CHECK_FALSE(problem(R"({"properties":{"a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}}})").empty());
  CHECK_FALSE(problem(R"({"anyOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]})").empty());
}

TEST_CASE("the endpoint of an older server is resolved and must be on the same host") {
  auto url = [](const char* endpoint) {
    const auto made = endpoint_url("http://h:1/a/sse?x=1", endpoint);
    return made ? *made : "failure " + std::string(to_string(made.error().kind));
  };
  CHECK(url("/messages?s=1") == "http://h:1/messages?s=1");
  CHECK(url("messages?u=http://x") == "http://h:1/a/messages?u=http://x");
  CHECK(url("?s=2") == "http://h:1/a/sse?s=2");
  CHECK(url("http://h:1/m") == "http://h:1/m");
  CHECK(url("http://h:12/m") == "failure denied");
  CHECK(url("https://h:1/m") == "failure denied");
  CHECK(url("//evil/m") == "failure denied");
  CHECK(url("http://h:1@evil/m") == "failure denied");
  CHECK(url("") == "failure invalid");
  CHECK(url("/a b") == "failure invalid");
}

TEST_CASE("a call says in which trace it is made, beside its progress token and as a header") {
  const std::string traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  talk stateless(over_http());
  stateless.discovered().call(R"({"region":"north sea"})", traceparent);
  talk shaken;
  shaken.shaken().call("{}", traceparent);
  for (auto* each : {&stateless, &shaken}) {
    const auto read = tools::json_document::parse(each->last());
    REQUIRE(read);
    std::string_view given;
    REQUIRE(read->root().at_pointer("/params/_meta/traceparent").get(given) == simdjson::SUCCESS);
    CHECK(given == traceparent);
    CHECK(each->last().find("\"progressToken\":") != std::string::npos);
    CHECK(each->header("traceparent") == traceparent);
    each->call();
    CHECK(each->last().find("traceparent") == std::string::npos);
    CHECK(each->header("traceparent") == "");
  }
}
