#pragma once

/// \file
/// Takes secrets out of a message's contents before an operator sees them:
/// what follows a name such as `password`, `token` or `api_key`, credentials
/// behind `Bearer`, and our own tokens wherever they stand.
///
/// A net, no proof: a secret that somebody tells in plain words stays. That is
/// why contents are shown only where INSPECT_CONTENTS is on.
///
/// Thread safety: pure. Cost: linear.

#include <string>
#include <string_view>

namespace troupe {

std::string mask_secrets(std::string_view text);

}  // namespace troupe
