/// \file
/// Arbitrary bytes as every message type that a peer node may send (DESIGN
/// §1.2, §11). The first byte picks the type, 0 tries every one (so the
/// seeds need not follow the list when it grows). What can be read must come out
/// of a second writing and reading as the same bytes; what cannot must be
/// refused without a crash and without memory beyond the input's size.

#include "runtime/messages/all.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

using caf_bytes = caf::binary_serializer::container_type;

struct system_config : caf::actor_system_config {
  system_config() {
    troupe::add_message_types(*this);
    set("scheduler.max-threads", 1);
  }
};

// Never destroyed: at exit CAF's thread-local logger is gone before a static
// system's destructor releases it again.
caf::actor_system& actor_system() {
  static auto& config = *new system_config;
  static auto& system = *new caf::actor_system(config);
  return system;
}

[[noreturn]] void give_up(const char* type, const char* what) {
  std::fprintf(stderr, "message_bytes: %s %s\n", type, what);
  std::abort();
}

template <class Message>
caf_bytes write(Message& message, const char* type) {
  caf_bytes out;
  caf::binary_serializer sink(actor_system(), out);
  if (sink(message)) give_up(type, "was read but cannot be written");
  return out;
}

template <class Message>
void try_as(const char* bytes, std::size_t size, const char* type) {
  Message message;
  caf::binary_deserializer source(actor_system(), bytes, size);
  if (source(message)) return;
  auto first = write(message, type);
  Message again;
  caf::binary_deserializer second(actor_system(), first);
  if (second(again)) give_up(type, "was written but cannot be read");
  if (write(again, type) != first) give_up(type, "changes when it is written and read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace troupe;
  if (size == 0 || size > 4096) return 0;
  auto bytes = reinterpret_cast<const char*>(data) + 1;
  unsigned picked = *data;
  unsigned index = 1;
#define TROUPE_TRY_MESSAGE(TYPE)                                            \
  if (picked == 0 || picked == index) try_as<TYPE>(bytes, size - 1, #TYPE); \
  ++index;
  TROUPE_MESSAGE_TYPES(TROUPE_TRY_MESSAGE)
#undef TROUPE_TRY_MESSAGE
  return 0;
}
