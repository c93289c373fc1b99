// What a Pipeline may ask of nodes and of other tenants: its workspace's memory bounds it, and its tenant's
// BusinessDomain grants priority classes and tolerations. Pure.
#pragma once

#include <optional>

#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/pipeline.h"
#include "atelier/api/workspace.h"
#include "reconcile/admission.h"
#include "render/profile.h"

namespace atelier::reconcile {

// What the workspace gets by its profile, and why nothing: its tenant does not count unless it admits the workspace.
std::optional<render::EffectiveResources> resources_of(const api::Workspace& workspace, const api::DataDomain* domain,
                                                       const api::BusinessDomain* tenant);
std::optional<Refusal> beyond_profile(const api::Workspace& workspace, const api::DataDomain* domain,
                                      const api::BusinessDomain* tenant);

// `domain` and `tenant` are those that the workspace refers to, null when they do not exist. A workspace that they do
// not admit is granted nothing: a team could refer to a richer tenant's. Empty: the Pipeline asks for no more than it
// may.
std::optional<Refusal> beyond_grants(const api::PipelineSpec& spec, const api::Workspace& workspace,
                                     const api::DataDomain* domain, const api::BusinessDomain* tenant);

}  // namespace atelier::reconcile
