// Reads of the API server itself that a decision rests on, where caches of several resources may be of several ages.
#pragma once

#include <map>
#include <string>

#include "atelier/kube/plan.h"
#include "atelier/kube/resource.h"

namespace atelier::reconcile {

class LiveReads {
 public:
  // Takes in the answers to the plan before.
  void learn(const kube::Feedback& feedback);

  // Whether a cache that holds the object in version `cached`, empty where it holds none, is as new as a live read
  // since this was first asked. False: a read was added to `plan`.
  bool fresh(kube::Plan& plan, const kube::Resource& resource, const ObjectKey& key, const std::string& cached);

 private:
  std::map<std::string, std::string> seen_;  // versions by Write::id; empty: there was no such object
};

// Whether the answer to a read of a run shows that the one of this uid is gone.
bool says_gone(const Result<nlohmann::json>& answer, const Uid& run);

}  // namespace atelier::reconcile
