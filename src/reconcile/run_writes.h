// The writes by which a run starts, and those into which the engine's actions turn.
#pragma once

#include <nlohmann/json.hpp>

#include "atelier/engine/execution.h"
#include "atelier/kube/plan.h"
#include "reconcile/late_creates.h"
#include "reconcile/revision_record.h"
#include "reconcile/run_memory.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

kube::Write mark_started(const api::PipelineRun& run);
kube::Write create_revision(const nlohmann::json& revision);
// Adds the run to the owners. Others may add themselves at the same time.
kube::Write join_revision(const RevisionRecord& revision, const api::PipelineRun& run);

// Takes the finalizer off a pod that has it, as soon as no other create of that pod can come.
void release(kube::Plan& plan, const PodRecord& pod, const LateCreates& late);

// Visits actions and adds to `plan`. Everything is borrowed.
struct RunWrites {
  const World& world;
  const api::PipelineRun& run;
  const api::RunPlan& run_plan;
  const engine::Execution& execution;
  RunMemory& memory;
  kube::Plan& plan;
  WallTime now;
  const std::string& stage_image;
  const LateCreates& late;

  void operator()(const engine::CreatePod& action) const;
  void operator()(const engine::DeletePod& action) const;
  void operator()(const engine::ReleasePod& action) const;
  void operator()(const engine::ConfirmGone& action) const;
  void operator()(const engine::FetchResults& action) const;
  void operator()(const engine::StoreResults& action) const;
  void operator()(const engine::CommitStatus& action) const;

 private:
  ObjectKey pod_key(const std::string& name) const { return {run.metadata.ns, name}; }
  void look(const std::string& pod, const engine::Attempt& attempt) const;
};

}  // namespace atelier::reconcile
