// Holds the operator's Lease in its place, so that no operator works while a verb undoes its work.
#pragma once

#include "atelier/kube/lease.h"
#include "cli/session.h"

namespace atelier::cli {

class LeaseHold {
 public:
  LeaseHold(Session& session, ObjectKey key);  // borrowed

  // Waits until it is free: given back, or not renewed for its duration as seen from here, and takes it. False: it was
  // not to be had for so long. To be called once.
  bool take(Millis longest);
  // Renewed while the session asks; if that fails, another may have taken it.
  bool lost() const { return lost_; }
  // So that the next operator need not wait.
  void give_back();

 private:
  Session& session_;
  bool held_ = false;
  bool lost_ = false;
  kube::Lease lease_;
};

}  // namespace atelier::cli
