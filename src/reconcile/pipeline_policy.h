// Whether a Pipeline can run, and if not, why: pure.
#pragma once

#include <vector>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/pipeline.h"
#include "atelier/api/workspace.h"
#include "reconcile/admission.h"
#include "reconcile/event_note.h"
#include "reconcile/watched_namespaces.h"

namespace atelier::reconcile {

struct PipelineInput {
  const api::Pipeline& pipeline;
  // Borrowed; null: there is none of that name.
  const api::Workspace* workspace = nullptr;
  const api::DataDomain* domain = nullptr;
  const api::BusinessDomain* tenant = nullptr;
  WallTime now;
  WatchedNamespaces watches = {};
};

struct PipelineDecision {
  api::PipelineStatus status;  // to be written when it differs from the present one
  std::vector<Note> notes;
};

PipelineDecision decide(const PipelineInput& input);

// What keeps runs of this Pipeline from starting now. Empty: nothing. A refusal that waiting may lift has
// `waits` set; the others need the author.
struct Obstacle {
  Refusal refusal;
  bool waits = false;
};
std::optional<Obstacle> obstacle(const api::PipelineSpec& spec, const api::Workspace* workspace,
                                 const api::DataDomain* domain, const api::BusinessDomain* tenant,
                                 const WatchedNamespaces& watches);

}  // namespace atelier::reconcile
