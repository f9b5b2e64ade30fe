#include "characters/inner_life.hpp"
