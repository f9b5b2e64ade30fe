#include "support/catch.hpp"
#include "support/random_message.hpp"
#include "support/test_node.hpp"

#include "runtime/messages/all.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <set>
#include <stdexcept>

using namespace troupe;

namespace {

template <class T>
std::vector<char> written(caf::actor_system& system, const T& value) {
  std::vector<char> bytes;
  caf::binary_serializer sink(system, bytes);
  if (sink(const_cast<T&>(value))) throw std::runtime_error("cannot be written");
  return bytes;
}

template <class T>
T read(caf::actor_system& system, const std::vector<char>& bytes) {
  T value;
  caf::binary_deserializer source(system, bytes);
  if (source(value)) throw std::runtime_error("cannot be read back");
  if (source.remaining() != 0) throw std::runtime_error("leaves bytes unread");
  return value;
}

/// Throws what went wrong; assertions in here would be compiled for every type.
template <class Message>
std::size_t round_trips(test_node& node, const std::vector<caf::actor>& handles) {
  random_message random(20260101, handles);
  std::set<std::vector<char>> different;
  auto& system = node.system();
  for (int i = 0; i < 200; ++i) {
    const auto original = random.make<Message>();
    const auto bytes = written(system, original);
    const auto copy = read<Message>(system, bytes);
    if (!(copy == original)) throw std::runtime_error("reads back as another value");
    if (written(system, copy) != bytes) throw std::runtime_error("writes other bytes the second time");
    // As it crosses a node boundary: with its type's registered name.
    const auto wrapped = written(system, caf::make_message(original));
    const caf::message unwrapped = read<caf::message>(system, wrapped);
    if (!unwrapped.match_elements<Message>()) throw std::runtime_error("comes out as another type");
    if (!(unwrapped.get_as<Message>(0) == original)) throw std::runtime_error("differs inside a message");
    different.insert(bytes);
  }
  return different.size();
}

}  // namespace

// Handles are either invalid or of actors of this node, the only ones that one
// process can read back. Floats hold no NaN, which equals nothing.
TEST_CASE("every message survives the binary serializer") {
  test_node node;
  const std::vector<caf::actor> handles{node.record().handle(), node.record().handle()};
#define TROUPE_ROUND_TRIP(TYPE)                                  \
  {                                                              \
    INFO(#TYPE);                                                 \
    std::size_t different = 0;                                   \
    CHECK_NOTHROW(different = round_trips<TYPE>(node, handles)); \
    CHECK((std::is_empty_v<TYPE> || different > 1));             \
  }
  TROUPE_MESSAGE_TYPES(TROUPE_ROUND_TRIP)
#undef TROUPE_ROUND_TRIP
}

TEST_CASE("a message that is cut short is refused") {
  test_node node;
  random_message random(7);
  auto& system = node.system();
  const auto bytes = written(system, session_event{3, 4, event_kind::reply, 5, "text"});
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    session_event value;
    caf::binary_deserializer source(system, cut);
    CHECK(source(value));
  }
}

TEST_CASE("an optional in a message keeps whether it is there") {
  test_node node;
  auto& system = node.system();
  for (const auto& value :
       {std::optional<std::string>{}, std::optional<std::string>{""}, std::optional<std::string>{"text"}})
    CHECK(read<std::optional<std::string>>(system, written(system, value)) == value);
}
