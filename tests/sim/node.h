// A model of scheduler, kubelet and deployment controller: pods are bound, run as a script says, and end.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "atelier/base/loop.h"
#include "sim/api_model.h"
#include "sim/sim_loop.h"

namespace atelier::sim {

// What a pod does once it runs.
struct Script {
  Millis runs{2'000};
  int exit_code = 0;
  std::string message;  // the termination message of its only container
  std::string results;  // large ones, which its sidecar hands on
  std::string work;     // what it does: once a pod has done it no other may start; empty: any number may
};

struct NodeTimes {
  Millis least_bind{5};
  Millis most_bind{200};
  Millis least_start{50};
  Millis most_start{800};
  Millis stop{300};  // from a deletion to the end of the containers
};

class Node {
 public:
  using ScriptOf = std::function<Script(const nlohmann::json& pod)>;

  struct Start {
    std::string name;
    std::string uid;
    bool again = false;  // a pod before it had done the work, with exit code 0
  };

  // `model` and `loop` are borrowed.
  Node(ApiModel& model, SimLoop& loop, std::uint64_t seed, ScriptOf script, NodeTimes times = {});

  // In order: what an oracle counts, also of pods that are gone.
  const std::vector<Start>& starts() const { return starts_; }

  // Under pressure the kubelet ends the pod, if it runs: whether it did.
  bool evict(const std::string& uid);

 private:
  // What the kubelet knows of one pod, by uid.
  struct Local {
    ObjectKey key;
    Script script;
    bool started = false;
    bool ended = false;
    bool stopping = false;
    WallTime started_at{};
    std::string log;  // of the sidecar that hands on results
    std::unique_ptr<Timer> timer;
  };

  void pod_changed(const Change& change);
  void bind(const std::string& uid);
  void start(const std::string& uid);
  void finish(const std::string& uid);
  void stop(const std::string& uid);
  void remove(const std::string& uid);
  void end(Local& pod, const std::string& phase, int exit_code, const std::string& reason, const std::string& message);
  void roll(const ObjectKey& deployment);
  // The pod as it is now, if it is still that one.
  Object current(const std::string& uid) const;
  void write_status(const ObjectKey& key, nlohmann::json status);
  void then(Local& pod, Millis delay, void (Node::*step)(const std::string&), const std::string& uid);

  ApiModel& model_;
  SimLoop& loop_;
  SimRandom random_;
  ScriptOf script_;
  NodeTimes times_;
  std::map<std::string, Local> pods_;
  std::map<ObjectKey, std::unique_ptr<Timer>> rollouts_;
  std::vector<Start> starts_;
  std::set<std::string> done_;  // works
};

// The status's containers of `pod` in one state: every container, init containers too.
nlohmann::json container_statuses(const nlohmann::json& pod, const char* list, const nlohmann::json& state);

}  // namespace atelier::sim
