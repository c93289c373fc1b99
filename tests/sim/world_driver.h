// A whole simulated world: API server, network, node, garbage collector, and the operator that lives and dies in it.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/operator.h"
#include "sim/garbage.h"
#include "sim/network.h"
#include "sim/node.h"
#include "sim/sim_loop.h"
#include "sim/sim_port.h"
#include "support/fake_registry.h"

namespace atelier::sim {

class SimWorld {
 public:
  SimWorld(std::uint64_t seed, Node::ScriptOf script, NetworkTimes network_times = {}, NodeTimes node_times = {});
  ~SimWorld();

  // Each has an identity of its own; while one leads, others stand by.
  void start_operator();
  // The processes are gone: their writes under way may still arrive. Not within a callback of an operator: see
  // crash_soon.
  void crash();
  // The eldest, at once, but not in the middle of what runs; another operator starts right away.
  void crash_soon();
  // The eldest stops as it is told to, and another starts when it has ended.
  void restart_soon();
  // The client that the eldest operator is in the network.
  const std::string& eldest() const;
  // etcd is restored, see ApiModel::restore, and the API server started again.
  void restore(std::uint64_t version, std::uint64_t bump);
  // Whether an operator ended itself, as it must when it loses the lease, or when the API server went back in time.
  int losses() const { return losses_; }
  const app::Operator* running() const;  // the eldest

  // False when the deadline passed, or when nothing would ever happen again.
  bool run_until(const std::function<bool()>& reached, Millis longest);
  void run_for(Millis duration);

  // Creates from a document with apiVersion and kind.
  Object create(nlohmann::json object);
  // Null when there is none.
  nlohmann::json find(const std::string& plural, const ObjectKey& key) const;
  std::vector<Object> all(const std::string& plural) const { return model.store().all(kind_of(plural), ""); }

  void note(const std::string& line);
  std::string trace(std::size_t last_lines = 400) const;

  reconcile::WatchedNamespaces watches;  // of operators that start from now on

  SimLoop loop;
  ApiModel model{loop};
  testing::FakeRegistry registry;  // of images; each new question is answered at once, others by poll()
  GarbageCollector garbage{model, loop};
  Network network;
  Node node;

 private:
  struct Incarnation;

  void replace(std::string identity);

  std::uint64_t seed_;
  int identities_ = 0;
  int losses_ = 0;
  std::vector<std::string> trace_;
  std::vector<std::unique_ptr<Incarnation>> operators_;  // the eldest first
};

}  // namespace atelier::sim
