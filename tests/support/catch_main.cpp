#ifdef TROUPE_CATCH2_3
#include <catch2/catch_session.hpp>
int main(int argc, char** argv) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

#if defined(__SANITIZE_THREAD__)
// An actor system makes blocking actors of its own when it starts and stops,
// in code that is not instrumented and that cannot be annotated from outside.
// We have no blocking actors, so nothing of ours is exempt; of our actors only
// CAF's own last step of ending is, which runs none of our code.
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:caf::blocking_actor::\n"
         "race:caf::monitorable_actor::cleanup\n";
}
#endif
