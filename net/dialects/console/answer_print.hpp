#pragma once

/// \file
/// Whether an answer says the same as the one before: a fingerprint of all of
/// it but the members `at` and `cost_us` of the outermost object, which differ
/// from one look to the next though nothing has changed. Deeper members of
/// those names (a log line's time) count.
///
/// Works on the text, since the inspector writes members in a fixed order: two
/// texts of another order are two answers, which costs one frame and no truth.
///
/// Thread safety: pure. Cost: one pass and a BLAKE2b hash; nothing is kept of
/// the answer, so a watch of a large table holds 16 bytes.

#include <array>
#include <string_view>

namespace troupe::console {

using answer_print = std::array<unsigned char, 16>;

/// Of any text; of one that is no JSON all of it may count.
answer_print print_of(unsigned status, std::string_view json);

}  // namespace troupe::console
