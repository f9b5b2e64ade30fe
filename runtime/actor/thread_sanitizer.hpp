#pragma once

/// \file
/// CAF's library is not instrumented, so ThreadSanitizer cannot see that a
/// mailbox hands an actor from one worker to the next. The actor base says so
/// here (DESIGN §12), which keeps real races inside CAF's calls visible, as a
/// suppression would not. Nothing at all in other builds.

#if defined(__SANITIZE_THREAD__)
#define TROUPE_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TROUPE_THREAD_SANITIZER 1
#endif
#endif

#ifdef TROUPE_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace troupe {

inline void thread_sanitizer_release([[maybe_unused]] void* address) noexcept {
#ifdef TROUPE_THREAD_SANITIZER
  __tsan_release(address);
#endif
}

inline void thread_sanitizer_acquire([[maybe_unused]] void* address) noexcept {
#ifdef TROUPE_THREAD_SANITIZER
  __tsan_acquire(address);
#endif
}

}  // namespace troupe
