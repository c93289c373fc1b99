// Pods that the operator's finalizer holds, from the API server's answers. Pure.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "atelier/base/result.h"
#include "reconcile/pod_record.h"

namespace atelier::cli {

using HeldPod = std::shared_ptr<const reconcile::PodRecord>;

struct HeldPage {
  std::vector<HeldPod> pods;   // of this page, whatever else holds them, and whatever labels they have lost
  std::string continue_token;  // empty: it is the last
};

// Of a page of a list of pods, which is grown by padding. Error: server, when it is no complete list of them.
Result<HeldPage> read_held(std::string& body);

enum class Release {
  done,
  gone,     // there is no such pod any more
  again,    // it is not as it was read, or nobody knows: read again
  refused,  // neither a further try nor another pod of the place would fare better
};

// By the answer to the write that takes the finalizer off.
Release release_of(const Result<nlohmann::json>& answer);

}  // namespace atelier::cli
