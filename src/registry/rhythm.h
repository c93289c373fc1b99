// When a question is asked again. Pure: `unit` is a random number in [0, 1).
#pragma once

#include "atelier/base/time.h"

namespace atelier::registry {

// After an answer: the interval, a tenth sooner or later, but never more than 5 s later, which is part of what is
// promised about how soon a push is seen. After so many failures in a row: up to ten times that, but, unless the
// interval itself is longer, at most an hour.
Millis next_wait(Millis interval, unsigned failures, double unit);

// After the first answer: between half of the interval and all of it, so that what began together does not go on
// together.
Millis first_wait(Millis interval, double unit);

}  // namespace atelier::registry
