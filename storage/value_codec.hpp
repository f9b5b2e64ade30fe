#pragma once

/// \file
/// Values: a version byte, then fields without names or padding (DESIGN §6).
///
/// Numbers are varints of seven bits a byte, low end first; signed ones are
/// zigzag-coded; texts are their length and their bytes; floats are IEEE 754
/// binary32, little end first, so that an embedding comes back bit for bit.
///
/// Ownership and thread safety: values; a reader looks into bytes that its
/// caller keeps. Errors: a reader never reads past the end and never reserves
/// more than the bytes at hand can hold. After the first bad field it returns
/// zeros, and `finish` says `corrupt`. Cost: one pass.

#include "runtime/failure.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::storage {

class value_writer {
 public:
  explicit value_writer(std::uint8_t version) { bytes_.push_back(static_cast<char>(version)); }
  value_writer& number(std::uint64_t value);
  value_writer& signed_number(std::int64_t value);
  value_writer& text(std::string_view value);
  value_writer& real(float value);
  value_writer& reals(const std::vector<float>& values);  ///< their count, then each
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class value_reader {
 public:
  /// Fails unless the version byte lies in [1, `newest`].
  value_reader(std::string_view bytes, std::uint8_t newest);
  std::uint8_t version() const { return version_; }
  std::uint64_t number();
  std::int64_t signed_number();
  std::string text();
  float real();
  std::vector<float> reals();
  /// A count of elements of at least `smallest` bytes each: fails if the rest
  /// cannot hold them.
  std::size_t count(std::size_t smallest);
  /// A number that must not be above `highest`, such as an enumerator.
  std::uint64_t number_up_to(std::uint64_t highest);
  bool sound() const { return sound_; }
  bool complete() const { return sound_ && rest_.empty(); }
  expected<void> finish(std::string_view what) const;

 private:
  void fail();

  std::string_view rest_;
  std::uint8_t version_ = 0;
  bool sound_ = true;
};

}  // namespace troupe::storage
