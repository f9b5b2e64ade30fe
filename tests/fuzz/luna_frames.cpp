/// \file
/// Arbitrary text as a Luna frame. Whatever is understood keeps the limits of
/// the contract, and what is answered is JSON again.

#include "net/dialects/luna/luna_prompts.hpp"
#include "net/dialects/luna/luna_protocol.hpp"
#include "net/json.hpp"

#include <cstdlib>

using namespace troupe;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = net::repair_utf8({reinterpret_cast<const char*>(data), size});
  auto incoming = luna::parse(text);
  std::string answer;
  if (auto* request = std::get_if<luna::text_request>(&incoming.message)) {
    if (request->text.size() > luna::text_limit || request->memories.size() > luna::memory_limit) std::abort();
    if (luna::user_prompt(*request).empty()) std::abort();
    (void)luna::system_instruction(request->memories);
    const auto query = luna::recall_query(*request);
    if (!net::is_valid_utf8(query)) std::abort();
    answer = luna::encode_result(request->action, request->text, nullptr);
  } else if (auto* rejected = std::get_if<luna::rejected_request>(&incoming.message)) {
    answer = luna::encode_error(rejected->form, rejected->error, nullptr);
  } else if (auto* fault = std::get_if<luna::fault>(&incoming.message)) {
    answer = luna::encode_fault(fault->kind, fault->error);
  }
  if (!answer.empty() && !net::parse_json(answer)) std::abort();
  return 0;
}
