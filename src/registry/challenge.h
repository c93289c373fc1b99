// WWW-Authenticate: how a server wants its clients to prove who they are (RFC 9110, 11.3).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/http/port.h"

namespace atelier::registry {

struct Challenge {
  std::string scheme;                         // lower-case
  std::map<std::string, std::string> params;  // names in lower case; a scheme with a token68 has none

  bool operator==(const Challenge&) const = default;
};

// Of all such headers, in order. Error: invalid, also where only a part breaks the grammar, names a parameter twice or
// has more than 8 KiB.
Result<std::vector<Challenge>> challenges_of(const http::Headers& headers);

}  // namespace atelier::registry
