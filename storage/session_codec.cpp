#include "storage/key_codec.hpp"
#include "storage/session_log.hpp"
#include "storage/value_codec.hpp"

namespace troupe::storage {

std::string event_key(std::string_view session, std::uint64_t number) {
  return make_key(session, number);
}

std::string encode_event(const session_event& event) {
  return value_writer(1)
      .number(event.turn)
      .number(static_cast<std::uint64_t>(event.kind))
      .signed_number(event.at)
      .text(event.text)
      .take();
}

expected<session_event> decode_event(std::uint64_t number, std::string_view value) {
  value_reader reader(value, 1);
  session_event event;
  event.number = number;
  event.turn = reader.number();
  const auto kind = reader.number_up_to(static_cast<std::uint64_t>(event_kind::tool_finished));
  event.kind = static_cast<event_kind>(kind);
  event.at = reader.signed_number();
  event.text = reader.text();
  if (auto end = reader.finish("events"); !end) return end.error();
  if (kind < static_cast<std::uint64_t>(event_kind::opened))
    return failure{failure_kind::corrupt, "a value of events has no kind"};
  return event;
}

std::string encode_snapshot(const session_snapshot& snapshot) {
  const auto& spec = snapshot.spec;
  value_writer writer(1);
  writer.text(spec.id).text(spec.dialect).text(spec.principal).text(spec.system);
  writer.number(static_cast<std::uint64_t>(spec.retention)).signed_number(spec.opened_at);
  writer.number(snapshot.last_number).number(snapshot.history.size());
  for (const auto& message : snapshot.history)
    writer.number(static_cast<std::uint64_t>(message.role)).text(message.text);
  return writer.take();
}

expected<session_snapshot> decode_snapshot(std::string_view value) {
  value_reader reader(value, 1);
  session_snapshot snapshot;
  auto& spec = snapshot.spec;
  spec.id = reader.text();
  spec.dialect = reader.text();
  spec.principal = reader.text();
  spec.system = reader.text();
  spec.retention =
      static_cast<session_retention>(reader.number_up_to(static_cast<std::uint64_t>(session_retention::resumable)));
  spec.opened_at = reader.signed_number();
  snapshot.last_number = reader.number();
  snapshot.history.resize(reader.count(2));
  bool roles_known = true;
  for (auto& message : snapshot.history) {
    const auto role = reader.number_up_to(static_cast<std::uint64_t>(chat_role::summary));
    roles_known = roles_known && role != 0 && role != static_cast<std::uint64_t>(chat_role::tool);
    message.role = static_cast<chat_role>(role);
    message.text = reader.text();
  }
  if (auto end = reader.finish("sessions"); !end) return end.error();
  if (!roles_known) return failure{failure_kind::corrupt, "a value of sessions has a message without a role"};
  return snapshot;
}

std::string encode_open_turn(std::uint64_t number) {
  return value_writer(1).number(number).take();
}

expected<std::uint64_t> decode_open_turn(std::string_view value) {
  value_reader reader(value, 1);
  const auto number = reader.number();
  if (auto end = reader.finish("open_turns"); !end) return end.error();
  return number;
}

std::string abbreviated(std::string_view session) {
  return session.size() <= 8 ? std::string(session) : std::string(session.substr(0, 8)) + "…";
}

}  // namespace troupe::storage
