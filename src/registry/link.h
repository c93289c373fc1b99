// Link: where a list goes on (RFC 8288).
#pragma once

#include <optional>
#include <string>

#include "atelier/base/result.h"
#include "atelier/http/port.h"

namespace atelier::registry {

// The target of the next page of what `path` is on `host`; nothing on the last page. Only another page of the same list
// on the same host is followed. Error: invalid.
Result<std::optional<std::string>> next_page(const http::Headers& headers, const std::string& host,
                                             const std::string& path);

}  // namespace atelier::registry
