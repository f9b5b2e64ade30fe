#ifdef TROUPE_CATCH2_3
#include <catch2/catch_session.hpp>
int main(int argc, char** argv) {
  return Catch::Session().run(argc, argv);
}
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif

#if defined(__SANITIZE_THREAD__)
// An actor system makes actors of its own when it starts and ends them when it
// stops, in code that is not instrumented and cannot be annotated from outside.
// Named here is what only they run, and of our actors CAF's own last step of
// ending and the mutex of its monitors. None of our code runs in either: our
// states are released before. (The threads themselves, `private_thread::run`,
// are not named: that would hide every detached actor.)
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:caf::blocking_actor::\n"
         "race:caf::scoped_actor::scoped_actor\n"
         "race:caf::scheduler::abstract_coordinator::stop_actors\n"
         "race:caf::event_based_actor::~event_based_actor\n"
         "race:caf::scheduled_actor::~scheduled_actor\n"
         "race:caf::local_actor::~local_actor\n"
         "race:caf::monitorable_actor::attach\n"
         "race:caf::monitorable_actor::cleanup\n";
}
#endif
