#include "tools/builtin_tools.hpp"
#include "runtime/actor/spawn.hpp"
#include "support/catch.hpp"
#include "support/test_node.hpp"
#include "tools/tool_names.hpp"

using namespace troupe;

namespace {

struct stage {
  test_node node;
  caf::actor actor =
      spawn<builtin_tools_role>(node.services(), {}, builtin_tools_deps{tools::standard_tools(node.clock())});

  expected<tool_result> call(std::string name, std::string arguments) {
    return node.ask<tool_result>(actor, tool_start{{1, 2, 3}, {"c1", std::move(name), std::move(arguments), {}}});
  }
};

}  // namespace

TEST_CASE("the built-in tools list themselves with a schema") {
  stage s;
  const auto listed = s.node.ask<tools_listed>(s.actor, tools_query{});
  REQUIRE(listed);
  REQUIRE(listed->tools.size() == 1);
  CHECK(listed->tools[0].name == "get_current_datetime");
  CHECK(tools::json_document::parse(listed->tools[0].schema).has_value());
}

TEST_CASE("get_current_datetime tells the clock's time in UTC and locally") {
  stage s;
  s.node.advance(std::chrono::hours(36));
  const auto result = s.call("get_current_datetime", "{}");
  REQUIRE(result);
  CHECK_FALSE(result->is_error);
  CHECK(result->id == "c1");
  const auto read = tools::json_document::parse(result->content);
  REQUIRE(read);
  CHECK(tools::text_member(read->root(), "utc") == "2026-01-02T12:00:00Z");
  const auto local = std::string(*tools::text_member(read->root(), "local"));
  REQUIRE(local.size() == 25);
  CHECK(local[10] == 'T');
  CHECK((local[19] == '+' || local[19] == '-'));
}

TEST_CASE("get_current_datetime refuses arguments it does not take") {
  stage s;
  const auto result = s.call("get_current_datetime", R"({"zone":"UTC"})");
  REQUIRE(result);
  CHECK(result->is_error);
  CHECK(result->content == "arguments.zone is not an argument of this tool");
  CHECK(s.call("get_current_datetime", "[]")->content == "arguments must be a JSON object");
}

TEST_CASE("a tool that is not there or was cancelled before is an error, never begun") {
  stage s;
  CHECK(s.call("nothing", "{}").error().kind == failure_kind::not_found);
  s.node.send(s.actor, tool_cancel{{1, 2, 3}, "c1"}, urgency::urgent);
  CHECK(s.call("get_current_datetime", "{}").error().kind == failure_kind::cancelled);
}

TEST_CASE("names of tools become valid and unique, and stay the same") {
  CHECK(tools::valid_tool_name("files.read/all") == "files_read_all");
  CHECK(tools::valid_tool_name("") == "_");
  const auto long_name = std::string(100, 'a');
  const auto cut = tools::valid_tool_name(long_name);
  CHECK(cut.size() == 64);
  CHECK(cut != tools::valid_tool_name(long_name + "b"));
  CHECK(cut == tools::valid_tool_name(long_name));
  tools::unique_names names;
  CHECK(names.add("x") == "x");
  CHECK(names.add("x") == "x_2");
  CHECK(names.add("x_2") == "x_2_2");
  CHECK(names.add(long_name).size() == 64);
  CHECK(names.add(long_name).size() == 64);
}
