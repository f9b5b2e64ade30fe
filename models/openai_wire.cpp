#include "models/openai_wire.hpp"

#include "models/provider_json.hpp"

#include <boost/json/serialize.hpp>

namespace troupe::models {

namespace json = boost::json;

std::string function_tools(const std::vector<tool_spec>& tools) {
  json::array out;
  for (const auto& tool : tools) {
    auto schema = whole_object(tool.schema);
    if (schema.empty()) schema = {{"type", "object"}, {"properties", json::object()}};
    out.push_back({{"type", "function"},
                   {"function",
                    {{"name", valid_utf8(tool.name)},
                     {"description", valid_utf8(tool.description)},
                     {"parameters", std::move(schema)}}}});
  }
  return json::serialize(out);
}

}  // namespace troupe::models
