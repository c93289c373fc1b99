// Objects of our kinds as the cluster has them, with errors in words for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "atelier/api/codec.h"
#include "cli/failure.h"
#include "cli/kinds.h"
#include "cli/session.h"

namespace atelier::cli {

// Calls `visit` with a std::type_identity of the api type.
template <class Visit>
auto visit_kind(const KindName& kind, Visit visit) {
  if (kind.kind == api::PipelineRun::kKind) return visit(std::type_identity<api::PipelineRun>{});
  if (kind.kind == api::Pipeline::kKind) return visit(std::type_identity<api::Pipeline>{});
  if (kind.kind == api::Workspace::kKind) return visit(std::type_identity<api::Workspace>{});
  if (kind.kind == api::Approval::kKind) return visit(std::type_identity<api::Approval>{});
  if (kind.kind == api::DataDomain::kKind) return visit(std::type_identity<api::DataDomain>{});
  return visit(std::type_identity<api::BusinessDomain>{});
}

inline ObjectKey key_of(const Session& session, const KindName& kind, const std::string& name) {
  return {kind.resource.namespaced ? session.ns() : "", name};
}

// Error: invalid, for what can be no name, before anything is sent.
Result<nlohmann::json> fetch(Session& session, const KindName& kind, const std::string& name);

// Error: server, when this version of atelier cannot read it.
template <class T>
Result<T> read_as(const nlohmann::json& object) {
  auto parsed = api::parse<T>(object);
  if (parsed) return parsed;
  return Error{Errc::server, "the cluster has an object that this version of atelier cannot read: " +
                                 parsed.error().message + "; is it older than the CRDs?"};
}

template <class T>
Result<T> fetch_as(Session& session, const std::string& name) {
  ATELIER_TRY(const nlohmann::json object, fetch(session, kind_for<T>(), name));
  return read_as<T>(object);
}

}  // namespace atelier::cli
