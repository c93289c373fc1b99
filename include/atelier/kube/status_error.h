// Answers of the API server as results: what a failure means for the caller.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "atelier/base/result.h"
#include "atelier/http/port.h"

namespace atelier::kube {

// The error of an answer outside 2xx, by its status and the reason in its metav1.Status, whose message is kept.
// A gateway time-out (504, 408) is `transport`: the server may still be at work on it. A 404 is `not_found` only where
// the API server says so: that of a proxy, or of a kind that is not served, says nothing of an object. A wait that the
// server asks for is cut to ten minutes.
Error error_of(const http::Response& response);

// The error in a metav1.Status, as a watch delivers it.
Error error_of_status(const nlohmann::json& status);

// The document of a 2xx answer, or the error. A body that is no JSON is `server`; an empty one is null.
Result<nlohmann::json> answer_of(const Result<http::Response>& response);

}  // namespace atelier::kube
