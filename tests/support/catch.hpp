#pragma once

/// The one way for a test to include Catch2, of which Debian 12 has version 2
/// and Debian 13 version 3.

#ifdef TROUPE_CATCH2_3
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
