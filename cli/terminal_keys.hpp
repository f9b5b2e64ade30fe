#pragma once

namespace troupe::cli {

/// What somebody pressed.
enum class key : unsigned char {
  none,  ///< time has passed
  letter,
  control,  ///< Ctrl and the letter, in lower case
  up,
  down,
  left,
  right,
  page_up,
  page_down,
  home,
  end,
  enter,
  escape,
  backspace,
  del,
  redraw,
  resized,
  closed,  ///< the terminal is gone
};

struct key_press {
  key what = key::none;
  char32_t letter = 0;
};

}  // namespace troupe::cli
