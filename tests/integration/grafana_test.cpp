/// deploy/grafana/troupe.json against what /metrics prints.

#include "support/catch.hpp"
#include "support/live_server.hpp"

#include <regex>
#include <set>

using namespace troupe::test;

namespace {

/// What one panel's line asks for.
struct query {
  std::string expression;
  std::string legend;
};

std::vector<query> queries_of(const json::object& dashboard) {
  std::vector<query> out;
  for (auto& panel : dashboard.at("panels").as_array())
    for (auto& target : panel.as_object().at("targets").as_array())
      out.push_back({text_of(target.as_object(), "expr"), text_of(target.as_object(), "legendFormat")});
  return out;
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
  const std::regex expression(pattern);
  std::set<std::string> out;
  for (std::sregex_iterator each(text.begin(), text.end(), expression), end; each != end; ++each)
    out.insert((*each)[each->size() > 1 ? 1 : 0]);
  return out;
}

const std::string metric_name = "\\b(?:troupe|process)_[a-z0-9_]+";

}  // namespace

TEST_CASE("the dashboard asks for nothing that the server does not print", "[offline]") {
  const auto dashboard = object_of(read_text(TROUPE_SOURCE_DIR "/deploy/grafana/troupe.json"));
  live_server server;
  auto client = server.connect();
  client.say("My sister Ada lives in Oslo.");
  const auto figures = server.http().get("/metrics");
  REQUIRE(figures.status == 200);
  const auto printed = matches(figures.body, "(?:^|\n)([a-z0-9_]+)[{ ]");
  REQUIRE(printed.count("troupe_clients") == 1);

  std::set<std::string> used;
  for (auto& each : queries_of(dashboard)) {
    const auto names = matches(each.expression, metric_name);
    INFO(each.expression);
    REQUIRE(names.size() == 1);
    CHECK(printed.count(*names.begin()) == 1);
    used.insert(*names.begin());
    for (auto& label : matches(each.legend, "\\{\\{(\\w+)\\}\\}")) {
      INFO(label);
      CHECK(figures.body.find("\n" + *names.begin() + "{" + label + "=\"") != std::string::npos);
    }
  }
  CHECK(used.size() > 15);

  const auto& variables = dashboard.at("templating").as_object().at("list").as_array();
  REQUIRE(variables.size() == 2);
  CHECK(text_of(variables.at(0).as_object(), "type") == "datasource");
  CHECK(json::serialize(dashboard).find("${datasource}") != std::string::npos);
  const auto asks = json::serialize(variables.at(1).as_object().at("query"));
  for (auto& name : matches(asks, metric_name)) CHECK(printed.count(name) == 1);
}

TEST_CASE("every figure that the server prints is told of in the documentation") {
  live_server server;
  const auto text = read_text(TROUPE_SOURCE_DIR "/docs/console.md");
  for (auto& name : matches(server.http().get("/metrics").body, "# TYPE ([a-z0-9_]+) ")) {
    INFO(name);
    CHECK(text.find("`" + name + "`") != std::string::npos);
  }
}
