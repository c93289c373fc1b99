// The garbage collector: deletes what has only owners that are gone.
#pragma once

#include <memory>

#include "atelier/base/loop.h"
#include "sim/api_model.h"

namespace atelier::sim {

class GarbageCollector {
 public:
  // Borrowed. Looks a second after something was deleted.
  GarbageCollector(ApiModel& model, Loop& loop);

 private:
  void collect();
  void look_at(const Kind& kind, const nlohmann::json& object);

  ApiModel& model_;
  Loop& loop_;
  std::unique_ptr<Timer> timer_;
};

}  // namespace atelier::sim
