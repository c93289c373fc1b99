#include "sim/world_driver.h"

#include <cstdio>

namespace atelier::sim {

struct SimWorld::Incarnation {
  Incarnation(SimWorld& world, std::string identity_in, std::uint64_t seed, std::function<void()> lost)
      : identity(std::move(identity_in)),
        api(world.network, identity),
        lease(world.network, identity),
        random(seed),
        process({.stage_image = "registry/atelier-stage:sim",
                 .lease_namespace = "atelier-system",
                 .lease_name = "atelier-operator",
                 .identity = identity,
                 .lease = {},
                 .watches = world.watches},
                {api, lease,
                 [&world](std::function<void(const ObjectKey&)> changed) {
                   return std::make_unique<testing::FakePoller>(world.registry, std::move(changed));
                 }},
                world.loop, random, std::move(lost)) {}

  std::string identity;
  SimPort api;
  SimPort lease;
  SimRandom random;
  app::Operator process;
};

SimWorld::SimWorld(std::uint64_t seed, Node::ScriptOf script, NetworkTimes network_times, NodeTimes node_times)
    : network(model, loop, seed * 3 + 1, network_times),
      node(model, loop, seed * 3 + 2, std::move(script), node_times),
      seed_(seed) {
  registry.asked = [this] { loop.post([this] { registry.poll(); }); };
  network.set_trace([this](std::string line) { note(std::move(line)); });
}

SimWorld::~SimWorld() = default;

void SimWorld::start_operator() {
  const std::string identity = "operator-" + std::to_string(++identities_);
  note("== " + identity + " starts");
  const auto seed = seed_ * 1'000 + static_cast<std::uint64_t>(identities_);
  operators_.push_back(std::make_unique<Incarnation>(*this, identity, seed, [this, identity] {
    note("== " + identity + " lost its lease");
    ++losses_;
    loop.post([this, identity] { replace(identity); });
  }));
  operators_.back()->process.start();
}

void SimWorld::crash() {
  if (operators_.empty()) return;
  note("== the operator crashes");
  operators_.clear();
}

void SimWorld::crash_soon() {
  loop.post([this] { replace(operators_.empty() ? "" : eldest()); });
}

void SimWorld::restart_soon() {
  loop.post([this] {
    if (operators_.empty()) return;
    const std::string identity = eldest();
    note("== " + identity + " stops");
    operators_.front()->process.stop([this, identity] { loop.post([this, identity] { replace(identity); }); });
  });
}

void SimWorld::replace(std::string identity) {
  const auto crashed = std::erase_if(operators_, [&](const auto& one) { return one->identity == identity; });
  if (crashed == 0 && !operators_.empty()) return;  // it was replaced before
  if (crashed > 0) note("== " + identity + " is gone");
  start_operator();
}

void SimWorld::restore(std::uint64_t version, std::uint64_t bump) {
  note("== etcd is restored as of " + std::to_string(version));
  network.break_watches("the API server was restarted");
  model.restore(version, bump);
}

const std::string& SimWorld::eldest() const { return operators_.front()->identity; }

const app::Operator* SimWorld::running() const { return operators_.empty() ? nullptr : &operators_.front()->process; }

bool SimWorld::run_until(const std::function<bool()>& reached, Millis longest) {
  const Millis end = loop.elapsed() + longest;
  while (!reached()) {
    if (loop.elapsed() >= end || !loop.step()) return false;
  }
  return true;
}

void SimWorld::run_for(Millis duration) { loop.advance(duration); }

Object SimWorld::create(nlohmann::json object) {
  const Kind* kind = find_kind(object["apiVersion"].get<std::string>(), object["kind"].get<std::string>());
  const std::string ns = object["metadata"].value("namespace", "");
  return model.create(*kind, ns, std::move(object));
}

nlohmann::json SimWorld::find(const std::string& plural, const ObjectKey& key) const {
  const Object object = model.store().find(kind_of(plural), key);
  return object == nullptr ? nlohmann::json() : *object;
}

void SimWorld::note(const std::string& line) {
  char time[32];
  std::snprintf(time, sizeof time, "%9.3f ", static_cast<double>(loop.elapsed().count()) / 1000.0);
  trace_.push_back(time + line);
}

std::string SimWorld::trace(std::size_t last_lines) const {
  std::string out;
  const std::size_t from = trace_.size() > last_lines ? trace_.size() - last_lines : 0;
  for (std::size_t i = from; i < trace_.size(); ++i) {
    if (trace_[i].find("/leases") == std::string::npos) out += trace_[i] + "\n";
  }
  return out;
}

}  // namespace atelier::sim
