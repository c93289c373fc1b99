// What an administrator does where the API server refuses a list or watch for good. Pure.
#pragma once

#include <string>

#include "atelier/base/result.h"
#include "atelier/kube/reflector.h"

namespace atelier::app {

// One sentence without its end, to follow the error's own words. Empty: it may pass, or nothing is known.
std::string remedy_of(const kube::Scope& scope, const Error& error);

}  // namespace atelier::app
