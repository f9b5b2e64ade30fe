/// contracts/character.md §5.1, §5.2, §5.6: what a frame is read as.

#include "net/dialects/character/character_protocol.hpp"
#include "support/catch.hpp"

using namespace troupe;
using namespace troupe::character_dialect;

namespace {

template <class Request>
Request read(const std::string& frame) {
  const auto message = parse(frame);
  INFO(frame);
  if (message.is_refused()) INFO(std::get<refused>(message.what).error);
  REQUIRE(std::holds_alternative<Request>(message.what));
  return std::get<Request>(message.what);
}

struct fault {
  std::string code;
  std::string field;
  std::string error;
};
fault fault_of(const std::string& frame) {
  const auto message = parse(frame);
  INFO(frame);
  REQUIRE(message.is_refused());
  const auto& why = std::get<refused>(message.what);
  return {std::string(why.code), why.field, why.error};
}

std::string with(const std::string& type, const std::string& more) {
  return R"({"message_type":")" + type + '"' + (more.empty() ? "" : ",") + more + "}";
}

}  // namespace

TEST_CASE("each request is read with the contract's defaults") {
  CHECK(read<init_request>(with("init_request", R"("character_id":"harbor-pilot")")).character_id == "harbor-pilot");
  CHECK(read<init_request>(with("init_request", R"("character_id":"x")")).config.empty());
  CHECK(read<chat_request>(with("chat_request", R"("user_message":"")")).text.empty());
  CHECK(read<chat_request>(with("chat_request", R"("user_message":"Hi")")).context.empty());
  const auto status = read<status_request>(with("status_request", ""));
  CHECK(status.vitals);
  CHECK_FALSE(status.history);
  CHECK_FALSE(status.performance);
  CHECK(read<save_request>(with("save_request", "")).filename.empty());
  CHECK(read<load_request>(with("load_request", R"("filename":"a.json")")).filename == "a.json");
  CHECK(read<reset_request>(with("reset_request", "")).preserve_memories);
  CHECK(read<search_request>(with("memory_search_request", R"("query":"")")).limit == 5);
  read<ping_request>(with("ping_request", ""));
  CHECK(read<subscribe_request>(with("subscribe_request", "")).enabled);
  read<stop_request>(with("stop_request", ""));
}

TEST_CASE("objects of a request are handed on as they stand, null is none of them") {
  const auto asked =
      read<init_request>(with("init_request", R"("character_id":"x","character_config":{"name":"I", "a":[1,{}]})"));
  CHECK(asked.config == R"({"name":"I","a":[1,{}]})");
  CHECK(read<init_request>(with("init_request", R"("character_id":"x","character_config":null,"agent_config":{})"))
            .config.empty());
  CHECK(read<chat_request>(with("chat_request", R"("user_message":"a","context":{"debug_mode":false})")).context
        == R"({"debug_mode":false})");
  CHECK(read<chat_request>(with("chat_request", R"("user_message":"a","context":null)")).context.empty());
  CHECK(read<save_request>(with("save_request", R"("filename":null)")).filename.empty());
}

TEST_CASE("numbers and flags are converted leniently") {
  const auto limit = [](const std::string& value) {
    return read<search_request>(with("memory_search_request", R"("query":"q","limit":)" + value)).limit;
  };
  CHECK(limit("7") == 7);
  CHECK(limit("\"7\"") == 7);
  CHECK(limit("\" +7 \"") == 7);
  CHECK(limit("\"-7\"") == -7);
  CHECK(limit("7.0") == 7);
  CHECK(limit("\"7.0\"") == 7);
  CHECK(limit("true") == 1);
  CHECK(limit("0") == 0);
  const auto flag = [](const std::string& value) {
    return read<reset_request>(with("reset_request", R"("preserve_memories":)" + value)).preserve_memories;
  };
  for (const std::string on : {"true", "1", "1.0", "\"yes\"", "\"TRUE\"", "\"on\"", "\"1\"", "\"t\"", "\"Y\""}) {
    INFO(on);
    CHECK(flag(on));
  }
  for (const std::string off : {"false", "0", "\"no\"", "\"False\"", "\"off\"", "\"0\"", "\"f\"", "\"n\""}) {
    INFO(off);
    CHECK_FALSE(flag(off));
  }
}

TEST_CASE("a value of the wrong type is refused by the field's name") {
  struct row {
    const char* type;
    const char* fields;
    const char* field;
  };
  for (auto& each : std::vector<row>{
           {"init_request", "", "character_id"},
           {"init_request", R"("character_id":5)", "character_id"},
           {"init_request", R"("character_id":null)", "character_id"},
           {"init_request", R"("character_id":"x","character_config":"y")", "character_config"},
           {"init_request", R"("character_id":"x","character_config":[])", "character_config"},
           {"init_request", R"("character_id":"x","agent_config":3)", "agent_config"},
           {"chat_request", "", "user_message"},
           {"chat_request", R"("user_message":12)", "user_message"},
           {"chat_request", R"("user_message":true)", "user_message"},
           {"chat_request", R"("user_message":"a","context":"b")", "context"},
           {"status_request", R"("include_vitals":"maybe")", "include_vitals"},
           {"status_request", R"("include_history":2)", "include_history"},
           {"status_request", R"("include_performance":null)", "include_performance"},
           {"save_request", R"("filename":1)", "filename"},
           {"load_request", "", "filename"},
           {"load_request", R"("filename":null)", "filename"},
           {"reset_request", R"("preserve_memories":[])", "preserve_memories"},
           {"memory_search_request", "", "query"},
           {"memory_search_request", R"("query":"q","limit":"five")", "limit"},
           {"memory_search_request", R"("query":"q","limit":1.5)", "limit"},
           {"memory_search_request", R"("query":"q","limit":"1.5")", "limit"},
           {"memory_search_request", R"("query":"q","limit":1e300)", "limit"},
           {"memory_search_request", R"("query":"q","limit":9223372036854775808)", "limit"},
           {"memory_search_request", R"("query":"q","limit":null)", "limit"},
           {"subscribe_request", R"("enabled":"sometimes")", "enabled"},
       }) {
    const auto why = fault_of(with(each.type, each.fields));
    CHECK(why.code == "INVALID_MESSAGE");
    CHECK(why.field == each.field);
    CHECK(why.error.starts_with(std::string(each.field) + ": "));
  }
}

TEST_CASE("fields nobody knows and a timestamp of any kind are ignored") {
  read<ping_request>(with("ping_request", R"("timestamp":"no time","x":{"y":[1,2]})"));
  read<ping_request>(with("ping_request", R"("timestamp":5)"));
}

TEST_CASE("the message id comes along whenever it is readable") {
  CHECK(parse(with("ping_request", R"("message_id":"q-1")")).message_id == "q-1");
  CHECK(parse(with("ping_request", R"("message_id":"")")).message_id == "");
  CHECK_FALSE(parse(with("ping_request", R"("message_id":null)")).message_id);
  CHECK_FALSE(parse(with("ping_request", "")).message_id);
  CHECK(parse(with("sing_request", R"("message_id":"q-2")")).message_id == "q-2");
  CHECK(parse(with("chat_request", R"("message_id":"q-3")")).message_id == "q-3");
  CHECK(parse(R"({"message_type":5,"message_id":"q-4"})").message_id == "q-4");
  CHECK(parse(R"({"message_id":"q-5"})").message_id == "q-5");
  const std::string longest(message_id_limit, 'a');
  CHECK(parse(with("ping_request", R"("message_id":")" + longest + '"')).message_id == longest);
}

TEST_CASE("a message id that is no string, or endless, makes the message invalid") {
  for (const std::string id : {"5", "true", "{}", "[\"a\"]", "1.5"}) {
    const auto frame = with("ping_request", R"("message_id":)" + id);
    CHECK(fault_of(frame).field == "message_id");
    CHECK_FALSE(parse(frame).message_id);
  }
  CHECK(fault_of(with("ping_request", R"("message_id":")" + std::string(message_id_limit + 1, 'a') + '"')).code
        == "INVALID_MESSAGE");
}

TEST_CASE("what is no JSON, no object or of no known type is told apart") {
  for (const std::string frame : {"", "hello", "{", "{\"message_type\":\"ping_request\"", "{'a':1}", "NaN", "{}{}"})
    CHECK(fault_of(frame).code == "INVALID_JSON");
  for (const std::string frame : {"[]", "5", "null", "\"ping_request\"", "[{\"message_type\":\"ping_request\"}]"})
    CHECK(fault_of(frame).code == "INVALID_MESSAGE");
  for (const std::string frame : {"{}", R"({"message_type":null})", R"({"message_type":5})"})
    CHECK(fault_of(frame).field == "message_type");
  CHECK(fault_of(with("sing_request", "")).code == "UNKNOWN_TYPE");
  CHECK(fault_of(with("sing_request", "")).error.find("sing_request") != std::string::npos);
  CHECK(fault_of(with("chat_response", "")).code == "UNKNOWN_TYPE");
  CHECK(fault_of(with("chat_response", "")).error.find("chat_response") != std::string::npos);
  CHECK(fault_of(with("Ping_Request", "")).code == "UNKNOWN_TYPE");
  CHECK(fault_of(with("", "")).code == "UNKNOWN_TYPE");
  CHECK(fault_of(with(std::string(100000, 'x'), "")).error.size() < 100);
}

TEST_CASE("a document deeper than 64 is no JSON, and no object of a request is endless") {
  CHECK(fault_of(with("ping_request", "\"x\":" + std::string(100, '[') + std::string(100, ']'))).code
        == "INVALID_JSON");
  const auto big = R"({"a":")" + std::string(context_limit, 'x') + "\"}";
  CHECK(fault_of(with("chat_request", R"("user_message":"a","context":)" + big)).field == "context");
}

TEST_CASE("an id that could leave a folder is none") {
  for (const std::string id : {"a", "harbor-pilot", "m_2.b", "A1"}) CHECK(is_character_id(id));
  for (const std::string id :
       {"", ".", "..", ".hidden", "a/b", "../a", "/a", "a\\b", "private/x/y", "a b", "a\n", "\xC3\xA4"})
    CHECK_FALSE(is_character_id(id));
  CHECK_FALSE(is_character_id(std::string("a\0b", 3)));
  CHECK(is_character_id(std::string(64, 'a')));
  CHECK_FALSE(is_character_id(std::string(65, 'a')));
}
