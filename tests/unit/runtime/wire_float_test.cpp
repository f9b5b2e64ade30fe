#include "runtime/messages/all.hpp"
#include "support/catch.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>

#include <bit>
#include <cstdint>
#include <limits>

namespace {

troupe::memory_record through_the_wire(const troupe::memory_record& in) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", 1);
  caf::actor_system system(config);
  caf::binary_serializer::container_type bytes;
  caf::binary_serializer sink(system, bytes);
  REQUIRE_FALSE(sink(in));
  troupe::memory_record out;
  caf::binary_deserializer source(system, bytes);
  REQUIRE_FALSE(source(out));
  return out;
}

}  // namespace

TEST_CASE("a message keeps every bit of its floating-point numbers, also of those CAF loops on") {
  using limits = std::numeric_limits<float>;
  troupe::memory_record record;
  record.importance = limits::infinity();
  record.embedding = {0.0f, -0.0f, 0.1f, limits::max(), limits::denorm_min(), -limits::infinity(), limits::quiet_NaN()};
  auto out = through_the_wire(record);
  CHECK(out.importance == record.importance);
  REQUIRE(out.embedding.size() == record.embedding.size());
  for (std::size_t i = 0; i < record.embedding.size(); ++i)
    CHECK(std::bit_cast<std::uint32_t>(out.embedding[i]) == std::bit_cast<std::uint32_t>(record.embedding[i]));
}
