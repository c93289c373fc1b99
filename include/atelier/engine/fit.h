// What a ledger comes to in a status that has room for less than the largest state.
#pragma once

#include <cstddef>
#include <string>

#include "atelier/engine/ledger.h"

namespace atelier::engine {

// As encode_to_fit(ledger) does, with at most `largest` bytes. More where the names and results of tasks alone take it.
std::string encode_to_fit(const Ledger& ledger, std::size_t largest);

}  // namespace atelier::engine
