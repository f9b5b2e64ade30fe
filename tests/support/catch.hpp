#pragma once

/// The one way for a test to include Catch2, of which Debian 12 has version 2
/// and Debian 13 version 3.

#ifdef TROUPE_CATCH2_3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

/// For a test whose child process goes on after `fork`, which ThreadSanitizer
/// does not support: left out there.
#if defined(__SANITIZE_THREAD__)
#define FORK_TAG "[.]"
#else
#define FORK_TAG ""
#endif

#include "runtime/failure.hpp"

#include <string>

namespace Catch {

template <>
struct StringMaker<troupe::failure> {
  static std::string convert(const troupe::failure& x) {
    return std::string(troupe::to_string(x.kind)) + ": " + x.message;
  }
};

/// Boost's own printing of a result does not compile for values that cannot be
/// printed.
template <class T>
struct StringMaker<boost::system::result<T, troupe::failure>> {
  static std::string convert(const troupe::expected<T>& x) {
    return x ? "a value" : "failure " + StringMaker<troupe::failure>::convert(x.error());
  }
};

}  // namespace Catch
