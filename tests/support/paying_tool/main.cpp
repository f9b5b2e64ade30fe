// An MCP server over stdio for tests, whose one tool leaves a trace that no
// crash takes back: every call of `pay` is a line in a file, synced before
// anything else happens. Written against the specification and not with our own
// client's code.
//
//   paying_tool LEDGER STARTED GO
//
// LEDGER is the file. STARTED and GO are FIFOs: a byte is written to the one when
// a call is in the ledger, and a byte awaited from the other before it is answered.

#include <boost/json.hpp>

#include <iostream>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace json = boost::json;

namespace {

void say(const json::value& message) {
  std::cout << json::serialize(message) << "\n" << std::flush;
}

void answer(const json::value& id, json::value result) {
  say({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

void pay(const json::value& id, const std::string& ticket, char** files) {
  const auto line = ticket + "\n";
  const int ledger = ::open(files[1], O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (::write(ledger, line.data(), line.size()) < 0 || ::fsync(ledger) != 0) std::_Exit(3);
  ::close(ledger);
  const int started = ::open(files[2], O_WRONLY | O_CLOEXEC);
  if (::write(started, "!", 1) != 1) std::_Exit(4);
  const int go = ::open(files[3], O_RDONLY | O_CLOEXEC);
  char byte = 0;
  if (::read(go, &byte, 1) != 1) std::_Exit(5);
  answer(id, {{"content", json::array{{{"type", "text"}, {"text", "paid for " + ticket}}}}, {"isError", false}});
}

}  // namespace

int main(int count, char** files) {
  if (count != 4) return 2;
  for (std::string line; std::getline(std::cin, line);) {
    const auto message = json::parse(line).as_object();
    const auto* id = message.if_contains("id");
    const auto* method = message.if_contains("method");
    if (!id || !method) continue;
    if (method->as_string() == "initialize")
      answer(*id, {{"protocolVersion", message.at("params").at("protocolVersion")},
                   {"capabilities", {{"tools", json::object()}}},
                   {"serverInfo", {{"name", "paying"}, {"version", "1"}}}});
    else if (method->as_string() == "tools/list")
      answer(*id, {{"tools", json::array{{{"name", "pay"},
                                          {"description", "pays for a ticket"},
                                          {"inputSchema",
                                           {{"type", "object"},
                                            {"properties", {{"ticket", {{"type", "string"}}}}},
                                            {"required", json::array{"ticket"}}}}}}}});
    else if (method->as_string() == "tools/call")
      pay(*id, std::string(message.at("params").at("arguments").at("ticket").as_string()), files);
    else
      say({{"jsonrpc", "2.0"}, {"id", *id}, {"error", {{"code", -32601}, {"message", "no such method"}}}});
  }
}
