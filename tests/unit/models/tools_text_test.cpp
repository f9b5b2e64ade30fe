#include "models/tools_text.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <thread>

using namespace troupe;
using namespace troupe::models;

namespace {

std::atomic<int> written{0};

std::string names(const std::vector<tool_spec>& tools) {
  ++written;
  std::string out = "[";
  for (auto& tool : tools) out += (out.size() > 1 ? ",\"" : "\"") + tool.name + "\"";
  return out + "]";
}

std::vector<tool_spec> set(std::string name) {
  return {{name, {}, {}}, {"other", {}, {}}};
}

}  // namespace

TEST_CASE("a set of tools is written once, and stands at the end of each body") {
  written = 0;
  const tools_text text(names);
  const boost::json::object body{{"model", "m"}};
  for (int i = 0; i < 3; ++i) {
    CHECK(text.add_to(body, set("a")) == R"({"model":"m","tools":["a","other"]})");
    CHECK(text.add_to(body, set("b")) == R"({"model":"m","tools":["b","other"]})");
  }
  CHECK(text.add_to(body, {}) == R"({"model":"m"})");
  CHECK(written == 2);
}

TEST_CASE("of many sets of tools the last used are kept") {
  written = 0;
  const tools_text text(names);
  const boost::json::object body{{"model", "m"}};
  for (int i = 0; i < 100; ++i) {
    text.add_to(body, set("common"));
    CHECK(text.add_to(body, set(std::to_string(i))).find('"' + std::to_string(i) + '"') != std::string::npos);
  }
  CHECK(written == 101);
}

TEST_CASE("sets of tools are written for several threads at once") {
  const tools_text text(names);
  const boost::json::object body{{"model", "m"}};
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const auto name = std::to_string((i * (t + 1)) % 23);
        wrong += text.add_to(body, set(name)) != R"({"model":"m","tools":[")" + name + R"(","other"]})";
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}
