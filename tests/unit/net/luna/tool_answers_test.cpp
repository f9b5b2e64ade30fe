#include "net/dialects/luna/luna_protocol.hpp"
#include "net/dialects/luna/luna_tools.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::luna;

namespace {

client_response response_of(const std::string& frame) {
  auto parsed = parse(frame);
  REQUIRE(std::holds_alternative<client_response>(parsed.message));
  return std::get<client_response>(parsed.message);
}

tool_result told(const std::string& frame, answer_shape shape) {
  return read_result({"c1", "t", {}, {}}, shape, response_of(frame));
}

/// The same raw result in the flat form and in the envelope.
std::vector<std::string> both_forms(const std::string& fields) {
  return {R"({"type":"memory_response","request_id":"u",)" + fields + "}",
          R"({"type":"any_response","payload":{"request_id":"u","data":{)" + fields + "}}}"};
}

}  // namespace

TEST_CASE("an answer is read in both forms, whatever its type's beginning") {
  for (auto& frame : both_forms(R"("status":"success","data":{"memories":[{"id":4,"memory":"Prefers trains",)"
                                R"("confidence":0.6},{"id":"b","text":"Owns a cat"}],"total":2})")) {
    INFO(frame);
    CHECK(response_of(frame).request_id == "u");
    CHECK(succeeded(response_of(frame)));
    CHECK(told(frame, answer_shape::memory_lines)
          == tool_result{"c1", "t", "Prefers trains (confidence 0.60, id 4)\nOwns a cat (confidence 0.00, id \"b\")",
                         false});
    CHECK(
        told(frame, answer_shape::memories).content
        == R"({"status":"success","memories":[{"id":4,"memory":"Prefers trains","confidence":0.6},{"id":"b","text":"Owns a cat"}],"count":2})");
  }
}

TEST_CASE("bare arrays are lists too, and a search without hits says so") {
  for (auto& frame : both_forms(R"("status":"success","data":[{"id":"r7"}])")) {
    CHECK(told(frame, answer_shape::reminders).content == R"({"status":"success","reminders":[{"id":"r7"}]})");
    CHECK(told(frame, answer_shape::workspaces).content
          == R"({"status":"success","workspaces":[{"id":"r7"}],"total":1})");
    CHECK(told(frame, answer_shape::memory_lines).content == R"({"status":"no_memories"})");
  }
  for (auto& frame : both_forms(R"("status":"success","message":"ok","data":{"n":1})"))
    CHECK(told(frame, answer_shape::raw).content == R"({"status":"success","message":"ok","data":{"n":1}})");
}

TEST_CASE("any status but success is an error with its message") {
  for (auto& frame : both_forms(R"("status":"error","message":"disk full")")) {
    CHECK_FALSE(succeeded(response_of(frame)));
    CHECK(told(frame, answer_shape::raw)
          == tool_result{"c1", "t", R"({"status":"error","message":"disk full"})", true});
  }
  for (auto& frame : both_forms(R"("status":"odd")"))
    CHECK(told(frame, answer_shape::memories).content == R"({"status":"error","message":"the client answered odd"})");
  for (auto& frame : both_forms(R"("data":[])")) CHECK(told(frame, answer_shape::raw).is_error);
}

TEST_CASE("what is no matched answer is ignored") {
  for (const std::string frame :
       {R"({"type":"memory_response"})", R"({"type":"memory_response","request_id":7})",
        R"({"type":"_response","request_id":"u"})", R"({"type":"response","request_id":"u"})"}) {
    INFO(frame);
    CHECK(std::holds_alternative<ignored>(parse(frame).message));
  }
}

TEST_CASE("a relay gets data as it came and nothing for null") {
  CHECK(response_of(R"({"type":"mcp_response","request_id":"u","data":{"jsonrpc":"2.0","id":3,"result":{"a":[1.5]}}})")
            .data
        == R"({"jsonrpc":"2.0","id":3,"result":{"a":[1.5]}})");
  CHECK(response_of(R"({"type":"mcp_response","payload":{"request_id":"u","data":{"id":3}}})").data == R"({"id":3})");
  CHECK(response_of(R"({"type":"mcp_response","request_id":"u","data":null})").data.empty());
  CHECK(response_of(R"({"type":"mcp_response","request_id":"u"})").data.empty());
}

TEST_CASE("memories of an answer become hits, as many as wanted") {
  const auto response = response_of(
      R"({"type":"memory_response","request_id":"u","status":"success","data":{"memories":[{"memory":"a","confidence":2},{"memory":""},{"memory":"b","confidence":0.4},{"memory":"c"}]}})");
  const auto hits = read_memories(response, 2);
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].record.text == "a");
  CHECK(hits[0].record.importance == 1.0f);
  CHECK(hits[1].record.text == "b");
}
