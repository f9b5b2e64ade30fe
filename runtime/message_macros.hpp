#pragma once

/// \file
/// The two macros behind which every message and every actor interface is
/// declared, so that a move to another CAF revision touches this file only.
///
///     struct journal_sync { std::uint64_t batch = 0; std::string path; };
///     TROUPE_MESSAGE(journal_sync, batch, path)
///
///     TROUPE_INTERFACE(journal_actor,
///                      TROUPE_ASKS(journal_append, journal_committed),
///                      TROUPE_TELLS(journal_flush));

#include "runtime/wire_float.hpp"

#include <boost/preprocessor/seq/for_each.hpp>
#include <boost/preprocessor/variadic/to_seq.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <optional>

// A std::optional in a message: a flag, then the value.
namespace caf {
template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, std::optional<T>& x) {
  bool present = x.has_value();
  if constexpr (Inspector::writes_state) {
    if (auto error = f(present)) return error;
    if (!present) {
      x.reset();
      return error{};
    }
    return f(x.emplace());
  } else {
    if (!present) return f(present);
    return f(present, *x);
  }
}
}  // namespace caf

#define TROUPE_MESSAGE_FIELD(r, data, name) , ::troupe::on_wire(x.name)

/// Makes the struct TYPE a message with the fields named. Inside the struct's
/// own namespace; the struct must be default-constructible and comparable.
#define TROUPE_MESSAGE(TYPE, ...)                                                                        \
  template <class Inspector>                                                                             \
  typename Inspector::result_type inspect(Inspector& f, TYPE& x) {                                       \
    return f(caf::meta::type_name(#TYPE)                                                                 \
                 BOOST_PP_SEQ_FOR_EACH(TROUPE_MESSAGE_FIELD, _, BOOST_PP_VARIADIC_TO_SEQ(__VA_ARGS__))); \
  }

/// The same for a message without fields.
#define TROUPE_SIGNAL(TYPE)                                      \
  template <class Inspector>                                     \
  typename Inspector::result_type inspect(Inspector& f, TYPE&) { \
    return f(caf::meta::type_name(#TYPE));                       \
  }

/// A request and what it is answered with.
#define TROUPE_ASKS(REQUEST, ANSWER) caf::replies_to<REQUEST>::with<ANSWER>
/// A message that gets no answer.
#define TROUPE_TELLS(MESSAGE) caf::reacts_to<MESSAGE>
/// Declares NAME as the handle type of an actor that takes these messages.
#define TROUPE_INTERFACE(NAME, ...) using NAME = caf::typed_actor<__VA_ARGS__>
