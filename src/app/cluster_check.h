// Whether the cluster is new enough, and its kinds of atelier.dev are those of this version: asked at the start, and
// again until it is so.
#pragma once

#include <memory>
#include <string>

#include "atelier/base/loop.h"
#include "atelier/base/result.h"
#include "atelier/http/port.h"
#include "atelier/kube/backoff.h"

namespace atelier::app {

// On one loop; destroying it ends the asking. Everybody who is logged in may ask what it asks.
class ClusterCheck {
 public:
  ClusterCheck(http::Port& port, Loop& loop, Random& random);  // borrowed

  void start();
  // What is wrong and what an administrator does about it, which the log has as well; empty: nothing is known to be.
  const std::string& failure() const { return failure_; }

 private:
  void ask_version();
  void ask_kinds();
  void found(const std::string& wrong, const std::string& remedy);
  void ask_again();

  http::Port& port_;
  Loop& loop_;
  kube::Backoff backoff_;
  std::string failure_ = "the API server has not said yet which version it is";
  std::unique_ptr<http::Call> call_;
  std::unique_ptr<Timer> again_;
};

}  // namespace atelier::app
