#pragma once

/// \file
/// Fills any message with random values through its `inspect`, for generated
/// tests: limits of numbers, empty and non-ASCII strings, empty and filled
/// vectors, absent and present optionals, enums that may be newer than we are.
///
/// Handles are taken from a list, or stay invalid without one: a handle can
/// only be read back where its actor is registered.

#include "runtime/wire_float.hpp"

#include <caf/actor.hpp>
#include <caf/error.hpp>
#include <caf/meta/annotation.hpp>
#include <caf/meta/load_callback.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace troupe {

class random_message {
 public:
  using result_type = caf::error;
  static constexpr bool reads_state = false;
  static constexpr bool writes_state = true;

  explicit random_message(std::uint64_t seed, std::vector<caf::actor> handles = {})
      : engine_(seed), handles_(std::move(handles)) {}

  template <class Message>
  Message make() {
    Message value;
    fill(value);
    return value;
  }

  // As an inspector: every field in turn.
  template <class... Fields>
  caf::error operator()(Fields&&... fields) {
    (visit(fields), ...);
    return caf::none;
  }

 private:
  template <class Field>
  void visit(Field& field) {
    using plain = std::remove_const_t<Field>;
    if constexpr (caf::meta::is_load_callback<plain>::value)
      (void)field.fun();
    else if constexpr (!caf::meta::is_annotation<plain>::value)
      fill(field);
  }

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }

  void fill(bool& value) { value = below(2) == 1; }

  template <class Number>
  requires std::is_arithmetic_v<Number>
  void fill(Number& value) {
    using limits = std::numeric_limits<Number>;
    switch (below(5)) {
      case 0: value = limits::lowest(); break;
      case 1: value = limits::max(); break;
      case 2: value = Number{}; break;
      case 3: value = static_cast<Number>(below(100)); break;
      default:
        if constexpr (std::is_floating_point_v<Number>)
          value = static_cast<Number>(static_cast<double>(engine_() >> 11) * 0x1p-53 - 0.5);
        else
          value = static_cast<Number>(engine_());
    }
  }

  template <class Enum>
  requires std::is_enum_v<Enum>
  void fill(Enum& value) { value = static_cast<Enum>(below(16)); }

  void fill(std::string& value) {
    static const char* const pieces[] = {
        "",       "a",        "hello ",  "\xc3\xa4", "\xe6\xbc\xa2\xe5\xad\x97", "\xf0\x9f\x8e\xad",
        "\"\\\n", "\xff\xfe", "line\r\n"};
    value.clear();
    for (auto count = below(5); count > 0; --count) value += pieces[below(std::size(pieces))];
    if (below(4) == 0) value.push_back('\0');
    if (below(20) == 0) value.append(70'000, 'x');  // longer than 16 bits count
  }

  void fill(caf::actor& value) {
    value = handles_.empty() || below(4) == 0 ? caf::actor{} : handles_[below(handles_.size())];
  }

  template <class First, class Second>
  void fill(std::pair<First, Second>& value) {
    fill(value.first);
    fill(value.second);
  }

  template <class Element>
  void fill(std::vector<Element>& value) {
    value.clear();
    value.resize(below(4));
    for (auto& each : value) fill(each);
  }

  // The number itself: random bits would also be a NaN, which equals nothing.
  template <class Number>
  void fill(wire_number<Number>& value) {
    fill(*value.number);
  }
  template <class Number>
  void fill(wire_numbers<Number>& value) {
    fill(*value.numbers);
  }

  template <class Other>
  requires std::is_class_v<Other>
  void fill(Other& value) { (void)inspect(*this, value); }

  std::mt19937_64 engine_;
  std::vector<caf::actor> handles_;
};

}  // namespace troupe
