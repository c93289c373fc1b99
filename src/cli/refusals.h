// When a refusal of a list or watch is one for good.
#pragma once

#include "atelier/base/result.h"
#include "atelier/base/time.h"

namespace atelier::cli {

// At once, while nothing was listed yet: there is no permission, or no such kind. Later tokens are renewed and roles
// applied anew, so it is the third in a row that counts.
class Refusals {
 public:
  void listed() { listed_ = true; }

  // Whether trying again cannot help.
  bool is_final(const Error& error, SteadyTime now);

 private:
  bool listed_ = false;
  int in_a_row_ = 0;
  SteadyTime last_{};
};

}  // namespace atelier::cli
