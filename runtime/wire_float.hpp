#pragma once

/// \file
/// How floating-point numbers of a message cross a node boundary: as their bit
/// pattern. `TROUPE_MESSAGE` applies it; nothing else needs it.
///
/// Why not CAF's own encoding? CAF 0.17.6 normalises in a loop, which never
/// ends for an infinity or a NaN and changes denormal numbers. A peer could
/// stop an actor with four bytes. Found by tests/fuzz/message_bytes.cpp.
///
/// Thread safety: values. Cost: none beyond the copy.

#include <bit>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace troupe {

/// Refers to the number while its message is inspected.
template <class Number>
struct wire_number {
  Number* number;
};

template <class Inspector, class Number>
typename Inspector::result_type inspect(Inspector& f, wire_number<Number>& x) {
  using bits_type = std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t>;
  static_assert(sizeof(Number) == sizeof(bits_type));
  auto bits = std::bit_cast<bits_type>(*x.number);
  if constexpr (Inspector::writes_state) {
    auto error = f(bits);
    *x.number = std::bit_cast<Number>(bits);
    return error;
  } else {
    return f(bits);
  }
}

/// Refers to the numbers while their message is inspected.
template <class Number>
struct wire_numbers {
  std::vector<Number>* numbers;
};

template <class Inspector, class Number>
typename Inspector::result_type inspect(Inspector& f, wire_numbers<Number>& x) {
  using bits_type = std::conditional_t<sizeof(Number) == 4, std::uint32_t, std::uint64_t>;
  static_assert(sizeof(Number) == sizeof(bits_type));
  std::vector<bits_type> bits;
  bits.reserve(x.numbers->size());
  for (auto number : *x.numbers) bits.push_back(std::bit_cast<bits_type>(number));
  if constexpr (Inspector::writes_state) {
    auto error = f(bits);
    x.numbers->clear();
    for (auto pattern : bits) x.numbers->push_back(std::bit_cast<Number>(pattern));
    return error;
  } else {
    return f(bits);
  }
}

/// The field itself, or what stands for it on the wire.
template <class Field>
decltype(auto) on_wire(Field& field) {
  if constexpr (std::is_floating_point_v<Field>)
    return wire_number<Field>{&field};
  else
    return (field);
}

template <class Number>
requires std::is_floating_point_v<Number> wire_numbers<Number> on_wire(std::vector<Number>& field) {
  return {&field};
}

}  // namespace troupe
