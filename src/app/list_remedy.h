// What an administrator does where the API server refuses a list or watch for good. Pure.
#pragma once

#include <string>

#include "atelier/base/result.h"
#include "atelier/kube/reflector.h"

namespace atelier::app {

// What to do where the kinds are missing or of another version, and where the cluster is too old.
std::string install_of_kinds();
std::string upgrade_of_cluster();

// One sentence without its end, to follow the error's own words. Empty: it may pass, or nothing is known.
std::string remedy_of(const kube::Scope& scope, const Error& error);

}  // namespace atelier::app
