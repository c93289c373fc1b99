// The numbers of one controller and its queue, under the names that controller-runtime gave them.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "atelier/base/ids.h"
#include "atelier/base/time.h"
#include "atelier/kube/queue.h"

namespace atelier::kube {

struct MetricFamilies;

class ControllerMetrics {
 public:
  using Seconds = std::chrono::duration<double>;

  enum class Outcome {
    success,        // nothing to write, or all was written and something changed
    error,          // a write failed, or the reconciler threw
    requeue,        // it only read, or what it wrote changed nothing: asked again
    requeue_after,  // nothing to write, to be looked at later
  };
  // What is so at this moment.
  struct Load {
    WorkQueue::Due due;
    std::size_t active = 0;
    Seconds unfinished{0};
    Seconds longest{0};
  };

  // Made by Metrics::controller(). Series that are known start at 0.
  ControllerMetrics(MetricFamilies& families, const std::string& name);
  ~ControllerMetrics();

  void most_active(std::size_t keys);
  void added();
  void delayed();
  void began(Cause cause, Seconds waited);
  void ended(Outcome outcome, Seconds took);
  void threw();
  void wrote(const ObjectKey& key, std::size_t writes, SteadyTime now);  // once a plan; reads are no writes
  void loaded(const Load& load, SteadyTime now);                         // before a scrape

 private:
  struct Numbers;
  std::unique_ptr<Numbers> numbers_;
};

}  // namespace atelier::kube
