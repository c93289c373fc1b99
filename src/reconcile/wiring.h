// Which change makes which key be looked at again.
#pragma once

#include <functional>

#include "atelier/kube/queue.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

// Puts a key into the queue of its kind.
struct Enqueue {
  using Into = std::function<void(const ObjectKey&, kube::Priority)>;

  Into tenant;
  Into domain;
  Into workspace;
  Into pipeline;
  Into run;
  Into pod;  // of a task, to be deleted when it is old
};

// Registers with the stores of `world`, for its life. Must be called before the first list.
void wire(World& world, Enqueue enqueue);

}  // namespace atelier::reconcile
