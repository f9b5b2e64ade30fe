#include "cli/chat/character_link.hpp"

#include "cli/chat/json_fields.hpp"
#include "cli/chat/network_text.hpp"

#include <future>

namespace troupe::chat {

namespace json = boost::json;

expected<json::object> ask(character_link& link, json::object fields) {
  auto done = std::make_shared<std::promise<expected<json::object>>>();
  auto waiting = done->get_future();
  link.request(std::move(fields), [done](expected<json::object> answer) { done->set_value(std::move(answer)); });
  return waiting.get();
}

expected<void> connect(character_link& link) {
  auto done = std::make_shared<std::promise<expected<void>>>();
  auto waiting = done->get_future();
  link.connect([done](expected<void> answer) { done->set_value(std::move(answer)); });
  return waiting.get();
}

expected<json::object> succeeded(expected<json::object> answer, std::string_view type) {
  if (!answer) return answer.error();
  const auto given = text_field(*answer, "message_type");
  const auto why = one_line(text_field(*answer, "error"));
  if (given == "error_response")
    return failure{failure_kind::invalid, why.empty() ? "the server says that something is wrong, and not what" : why};
  if (given != type)
    return failure{failure_kind::invalid,
                   "the server answered with '" + one_line(given) + "' instead of '" + std::string(type) + "'"};
  const auto* success = answer->if_contains("success");
  const bool good = success == nullptr ? type == "ping_response" : success->is_bool() && success->get_bool();
  if (!good) return failure{failure_kind::invalid, why.empty() ? "the server did not do it and does not say why" : why};
  return answer;
}

}  // namespace troupe::chat
