// One decision in the making: what the rules read and write, in the order in which decide() applies them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "atelier/api/template_text.h"
#include "atelier/engine/decide.h"
#include "engine/graph.h"
#include "engine/outcome.h"
#include "engine/stop.h"

namespace atelier::engine {

class Turn {
 public:
  explicit Turn(const Observed& observed);

  // The rules, one file each.
  void settle();         // pods' ends become outcomes
  void watch_clocks();   // what takes too long ends
  void stop();           // no more pods where the run was told to stop; those there may end
  void skip();           // what was asked not to run, and what can never run
  void claim();          // pods for what may run
  void begin_finally();  // all tasks have ended
  void conclude();       // the run's own end
  void commit();         // when the ledger is written
  void clean_up();       // finalizers and pods that nothing needs any more

  const Graph& graph() const { return graph_; }
  void end_as_invalid();
  Decision finish();

 private:
  TaskEntry& entry(const std::string& task) { return ledger().tasks[task]; }
  Ledger& ledger() { return decision_.ledger; }
  const Ledger& ledger() const { return decision_.ledger; }
  std::string name_of(const std::string& task, std::int64_t attempt) const;
  // The run's pod of that attempt; null if none is seen.
  const PodObservation* pod(const std::string& task, std::int64_t attempt) const;
  // Whether the committed ledger, not the one in the making, holds that attempt's end.
  bool is_recorded(const std::string& task, std::int64_t attempt) const;
  const Stop& stop_of(const Node& node) const { return node.last ? stops_.finally : stops_.tasks; }
  void wake(WallTime at);
  void act(Action action) { decision_.actions.push_back(std::move(action)); }
  void end_pod(const Node& node, const char* why);

  // settle.cpp
  void settle(const Node& node);
  void see_alive(TaskEntry& entry, const PodObservation& pod, std::int64_t attempt);
  void see_end(const Node& node, TaskEntry& entry, const PodObservation* pod, std::int64_t attempt);
  Outcome outcome(const api::Task& task, TaskEntry& entry, const PodObservation* pod);
  void fail(const Node& node, TaskEntry& entry, bool by_cluster, std::optional<std::int64_t> exit_code);
  // claim.cpp
  void claim(const Node& node);
  bool held_back(const api::Task& task, TaskEntry& entry, std::int64_t attempt);
  CreatePod pod_for(const api::Task& task, std::int64_t attempt) const;
  std::string value_of(const api::Segment& segment) const;
  // approve.cpp
  void approve(const Node& node);
  // when.cpp
  bool holds(const Node& node);
  cel::Bindings bindings_of(const Node& node) const;
  // skip.cpp
  void skip_on_request();
  bool is_to_be_skipped(const std::string& task) const;
  void end_as_asked(TaskEntry& own);
  // conclude.cpp
  bool have_ended(bool last) const;
  RunPhase phase_of_tasks() const;

  const Observed& in_;
  Graph graph_;
  std::map<std::pair<std::string, std::int64_t>, const PodObservation*> pods_;  // by task and attempt
  Stops stops_;
  // A person's word took effect in this decision. It can be taken back until it is committed, so nothing follows it
  // before that, and the commit does not wait.
  bool unrecorded_ = false;
  Decision decision_;
};

// Whether the pod will not run any more.
bool has_ended(const PodObservation& pod);

}  // namespace atelier::engine
