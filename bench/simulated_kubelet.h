// Stands for all nodes: every pod that it sees has succeeded as fast as one request can say so.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "atelier/http/port.h"
#include "atelier/kube/store.h"
#include "reconcile/pod_record.h"

namespace atelier::bench {

class SimulatedKubelet {
 public:
  // Both are borrowed. `pods` is the cache that a reflector fills.
  SimulatedKubelet(kube::Store<reconcile::PodRecord>& pods, http::Port& port);

 private:
  void complete(const reconcile::PodRecord& pod);

  http::Port& port_;
  std::map<std::string, std::unique_ptr<http::Call>> calls_;  // by pod uid
};

}  // namespace atelier::bench
