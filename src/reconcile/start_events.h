// Why pods of one run are not started, where their status does not tell: that a volume cannot be mounted, the kubelet
// says in Events alone. Does no I/O: adds to plans and takes in the answers.
//
// Nothing is watched for it. One pod of a run is asked about at a time, the one that was not for longest: first ten
// seconds after it was made, then less and less often. Who may not read Events hears no such words, and nothing else
// comes of it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "atelier/engine/observed.h"
#include "atelier/kube/plan.h"
#include "reconcile/pod_record.h"

namespace atelier::reconcile {

class StartEvents {
 public:
  // The pod as it is now, with what its Events told while they are all that is known of it.
  engine::PodObservation see(const PodRecord& pod);
  void forget(const std::string& pod) { pods_.erase(pod); }

  void learn(const kube::Feedback& feedback);
  // The pods of which answers told something new since this was called before: to be seen again.
  std::set<std::string> take_news() { return std::exchange(news_, {}); }

  // Asks what is due. When to be called next; none while there is nothing to ask.
  std::optional<WallTime> ask(kube::Plan& plan, const std::string& ns, WallTime now);

 private:
  struct Silent {
    Uid uid;
    WallTime due;
    Millis pause;
    std::string reason, message;
  };
  std::map<std::string, Silent> pods_;
  std::set<std::string> news_;
  WallTime next_{};
};

}  // namespace atelier::reconcile
