// Objects of our kinds as the cluster has them, with errors in words for people.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "atelier/api/codec.h"
#include "cli/failure.h"
#include "cli/kinds.h"
#include "cli/session.h"

namespace atelier::cli {

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
