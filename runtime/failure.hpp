#pragma once

/// \file
/// Errors as values: a kind that code may branch on and a message for people.
///
/// `expected<T>` is what a function returns that can fail; `failure` is the
/// error inside it and travels in messages; `to_error` / `to_failure` carry it
/// through CAF's own error channel (the answer to a failed request).
///
/// Thread safety: values. Cost: one string.

#include <boost/system/result.hpp>
#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <string>

namespace troupe {

/// What went wrong, as far as a caller may act on it.
enum class failure_kind : std::uint8_t {
  none = 0,
  invalid,        ///< the caller's input breaks a rule; the message names field and rule
  not_found,      ///< what was named does not exist
  exists,         ///< what was to be made is there already
  denied,         ///< the caller may not
  busy,           ///< a bound is reached; try again later
  cancelled,      ///< stopped on request
  timeout,        ///< a deadline passed
  read_only,      ///< the store takes no writes since an earlier write failed
  corrupt,        ///< stored bytes are not what was written
  incompatible,   ///< a newer schema or another revision
  unavailable,    ///< a peer, an upstream or an actor is gone
  interrupted,    ///< a crash or a shutdown ended it
  upstream,       ///< a language model or another server answered with an error
  internal,       ///< a programming fault that was caught
  auth,           ///< another server did not take our key
  quota,          ///< another server's rate or spending limit is reached
  overload,       ///< another server cannot serve us right now (5xx, overloaded)
  filtered,       ///< a language model's safety filter stopped the answer
  broken_stream,  ///< another server's answer was cut off or is malformed
};

/// The kind's name as it stands in logs and JSON ("read_only").
const char* to_string(failure_kind kind) noexcept;

/// An error with a kind and a message for people. The message is a whole
/// sentence without a full stop and never holds secrets or users' content.
struct failure {
  failure_kind kind = failure_kind::none;
  std::string message;

  bool operator==(const failure&) const = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, failure& x) {
  return f(caf::meta::type_name("failure"), x.kind, x.message);
}

/// Thrown by `expected<T>::value()` on a failure: a programming fault.
[[noreturn]] void throw_exception_from_error(const failure& error, const boost::source_location& location);

/// A `T` or the failure that prevented it.
template <class T>
using expected = boost::system::result<T, failure>;

/// CAF error category of a `failure`.
inline constexpr caf::atom_value failure_category = caf::atom("troupe");

/// The failure as CAF's error, for `request(...).then(..., on_error)`.
caf::error to_error(const failure& value);

/// The failure behind a CAF error. Errors of CAF itself (a dead receiver, say)
/// become `unavailable` or `internal`.
failure to_failure(const caf::error& value);

}  // namespace troupe
