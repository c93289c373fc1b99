// Creates of pods that may still be on their way to the API server although nobody waits for them any more: of this
// process, where one was not answered, and of whoever led before it.
//
// A pod's name follows from its attempt, so a late create meets the pod that is there. Where that pod has gone
// meanwhile, the attempt would start again: as long as a create may come, the finalizer keeps the pod.
#pragma once

#include <map>
#include <string_view>

#include "atelier/base/ids.h"
#include "atelier/base/loop.h"
#include "atelier/kube/plan.h"

namespace atelier::reconcile {

class LateCreates {
 public:
  // A request ends after 20 s here, and 60 s later at the API server (its --request-timeout).
  static constexpr Millis kLongest{90'000};

  // Borrows the loop, for its steady clock: a clock that people set must not end the wait.
  explicit LateCreates(const Loop& loop) : loop_(loop) {}

  // This process leads now, and its predecessor may have sent anything.
  void took_over() { of_others_ = loop_.now() + kLongest; }
  // The answers to the writes of one run, in namespace `ns`.
  void learn(std::string_view ns, const kube::Feedback& feedback);
  bool any() const;  // that may still come
  // How long a create of the pod may still come; zero if none can.
  Millis wait(const ObjectKey& pod) const;

 private:
  const Loop& loop_;
  SteadyTime of_others_ = SteadyTime::min();
  std::map<ObjectKey, SteadyTime> own_;  // until when; what is over goes when the next is learned
};

}  // namespace atelier::reconcile
