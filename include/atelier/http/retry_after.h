// How long a server asks to be left alone.
#pragma once

#include "atelier/base/time.h"
#include "atelier/http/port.h"

namespace atelier::http {

// The header Retry-After: seconds, or an HTTP date, which is taken relative to the answer's own Date, so that no clocks
// are compared. 0 where there is none, or none that can be read; no more than `longest`: a broken proxy must not
// silence us for a day.
Millis retry_after(const Headers& headers, Millis longest);

}  // namespace atelier::http
