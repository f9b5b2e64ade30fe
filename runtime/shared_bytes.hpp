#pragma once

/// \file
/// An immutable, reference-counted byte string: the one value in a message that
/// is shared instead of copied, so that a frame encoded once reaches a thousand
/// watchers without a thousand copies (DESIGN §1.2, §4.5).
///
/// Thread safety: immutable after construction; copies may be used from any
/// thread. Cost: a copy is one atomic increment.

#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/save_callback.hpp>
#include <caf/meta/type_name.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace troupe {

class shared_bytes {
 public:
  shared_bytes() = default;
  explicit shared_bytes(std::string bytes)
      : bytes_(bytes.empty() ? nullptr : std::make_shared<const std::string>(std::move(bytes))) {}

  std::string_view view() const noexcept { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
  std::size_t size() const noexcept { return bytes_ ? bytes_->size() : 0; }
  bool empty() const noexcept { return size() == 0; }
  const char* data() const noexcept { return view().data(); }

  friend bool operator==(const shared_bytes& a, const shared_bytes& b) { return a.view() == b.view(); }

 private:
  std::shared_ptr<const std::string> bytes_;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, shared_bytes& x) {
  std::string bytes(x.view());
  auto load = [&]() -> caf::error {
    x = shared_bytes(std::move(bytes));
    return caf::none;
  };
  return f(caf::meta::type_name("shared_bytes"), bytes, caf::meta::load_callback(load));
}

}  // namespace troupe
