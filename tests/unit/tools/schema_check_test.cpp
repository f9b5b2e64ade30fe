#include "tools/schema_check.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::tools;

namespace {

std::string problem(const std::string& schema, const std::string& arguments) {
  const auto read = read_arguments(schema, arguments);
  return read ? std::string() : read.error().message;
}

const std::string weather =
    R"({"type":"object","required":["city"],"additionalProperties":false,"properties":{
  "city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]},
  "stops":{"type":"array","items":{"type":"object","required":["at"],"properties":{"at":{"type":["string","null"]}}}}}})";

}  // namespace

TEST_CASE("arguments that fit their schema are taken") {
  CHECK(problem(weather, R"({"city":"Oslo","days":2,"unit":"C","stops":[{"at":null},{"at":"x"}]})").empty());
  CHECK(problem(weather, R"({"city":"","days":2.0})").empty());
  CHECK(problem("", R"({"anything":[1]})").empty());
  CHECK(problem("{}", "").empty());
}

TEST_CASE("arguments that break a rule get a sentence that names field and rule") {
  CHECK(problem(weather, "{}") == "arguments.city is required");
  CHECK(problem(weather, "") == "arguments.city is required");
  CHECK(problem(weather, R"({"city":7})") == "arguments.city must be a string");
  CHECK(problem(weather, R"({"city":"a","days":1.5})") == "arguments.days must be an integer");
  CHECK(problem(weather, R"({"city":"a","unit":"K"})") == "arguments.unit must be one of \"C\", \"F\"");
  CHECK(problem(weather, R"({"city":"a","town":"b"})") == "arguments.town is not an argument of this tool");
  CHECK(problem(weather, R"({"city":"a","stops":[{}]})") == "arguments.stops[0].at is required");
  CHECK(problem(weather, R"({"city":"a","stops":[{"at":1}]})") == "arguments.stops[0].at must be a string or null");
  CHECK(problem(R"({"properties":{"a":{"const":3}}})", R"({"a":4})") == "arguments.a must be 3");
}

TEST_CASE("what is no JSON object is refused") {
  CHECK(problem("", "[1]") == "arguments must be a JSON object");
  CHECK(problem("", "{").find("arguments: not valid JSON") == 0);
  CHECK(problem("", std::string(100, '[') + std::string(100, ']')).find("levels deep") != std::string::npos);
}

TEST_CASE("rules that are not known never refuse a call") {
  CHECK(
      problem(R"({"type":"thing","oneOf":[],"properties":{"a":{"format":"date","minimum":9,"type":5}}})", R"({"a":1})")
          .empty());
  CHECK(problem("not a schema", R"({"a":1})").empty());
}
