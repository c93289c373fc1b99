// The writes that reconcilers of all kinds share.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "atelier/api/codec.h"
#include "atelier/kube/plan.h"
#include "atelier/kube/request.h"
#include "reconcile/event_note.h"
#include "reconcile/merge_diff.h"
#include "reconcile/world.h"

namespace atelier::reconcile {

// The status write that turns the object's present status into `wanted`, refused by the API server if the object
// has changed since it was read. Empty when there is nothing to write.
template <class Kind, class Status>
std::optional<kube::Write> write_status(const Kind& object, const Status& wanted) {
  nlohmann::json patch = merge_diff(api::serialize(object.status), api::serialize(wanted));
  if (patch.empty()) return std::nullopt;
  const nlohmann::json body = {{"metadata", {{"resourceVersion", object.metadata.resource_version}}},
                               {"status", std::move(patch)}};
  const ObjectKey key = object.metadata.key();
  return kube::Write{"write status", kube::merge_patch(resource_of<Kind>(), key, body, "status"), Kind::kPlural, key};
}

kube::Write create_pod(const nlohmann::json& pod);
// A pod of this uid only: one of the same name that came later stays.
kube::Write delete_pod(const ObjectKey& key, const Uid& uid);

// Takes our finalizer off, if it is still where it was on that very pod; refused as invalid otherwise.
kube::Write release_pod(const PodRecord& pod);

template <class Kind>
std::vector<kube::EventNote> events_of(const Kind& object, const std::vector<Note>& notes) {
  std::vector<kube::EventNote> out;
  out.reserve(notes.size());
  for (const Note& note : notes) {
    out.push_back({note.warning ? kube::EventKind::warning : kube::EventKind::normal,
                   note.reason,
                   note.message,
                   {api::kApiVersion, Kind::kKind, object.metadata.key(), object.metadata.uid}});
  }
  return out;
}

// The wait until `at`; none for an instant that is absent.
std::optional<Millis> wait_until(const std::optional<WallTime>& at, WallTime now);

}  // namespace atelier::reconcile
