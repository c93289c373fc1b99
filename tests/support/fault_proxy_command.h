// The fault proxy's commands as lines of text, for tests that are not written in C++.
#pragma once

#include <string>
#include <string_view>

#include "atelier/base/result.h"
#include "support/fault_proxy.h"

namespace atelier::testing {

// One command; the answer is "ok", with a number or lines before it where the command asks for something, or "error"
// with the reason. A word that is `*` fits anything; a TARGET that begins with ~ is a regular expression.
//
//   rule METHOD TARGET FROM TIMES FAULT [ARGUMENTS]   harms requests; TIMES may be "always"
//     reset-before-request | swallow | duplicate
//     cut reset|close BYTES [MARKER] | stall BYTES [MARKER]
//     delay-request MILLISECONDS | delay-answer MILLISECONDS | slice BYTES
//     answer STATUS [RETRY_AFTER_SECONDS]   a metav1.Status
//     garbage                               what is no HTTP, then the end
//   clear                                   all rules
//   count METHOD TARGET_PART                requests so far
//   log                                     a line for each request
//   cut watches|idle|all reset|close        open connections, now
//   freeze | thaw                           watches
//   refuse | listen                         new connections
std::string perform(FaultProxy& proxy, std::string_view line);

// A kubeconfig that leads through the proxy, with the token of `server` if it has one.
std::string kubeconfig_through(const FaultProxy& proxy, const http::Endpoint& server);

}  // namespace atelier::testing
