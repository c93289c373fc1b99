#include "sim/garbage.h"

#include "sim/refusal.h"

namespace atelier::sim {

using nlohmann::json;

GarbageCollector::GarbageCollector(ApiModel& model, Loop& loop) : model_(model), loop_(loop) {
  model_.on_change([this](const Change& change) {
    const bool orphan = change.before == nullptr && (*change.last)["metadata"].contains("ownerReferences");
    if (timer_ || (change.after != nullptr && !orphan)) return;
    timer_ = loop_.after(Millis{1'000}, [this] {
      timer_.reset();
      collect();
    });
  });
}

void GarbageCollector::collect() {
  for (const char* plural : {"datadomains", "workspaces", "pipelines", "pipelineruns", "pods", "deployments",
                             "controllerrevisions", "configmaps"}) {
    for (const Object& object : model_.store().all(kind_of(plural), "")) look_at(kind_of(plural), *object);
  }
}

void GarbageCollector::look_at(const Kind& kind, const json& object) {
  const json& metadata = object["metadata"];
  const ObjectKey key{metadata.value("namespace", ""), metadata["name"].get<std::string>()};
  if (!metadata.contains("ownerReferences") || metadata.contains("deletionTimestamp")) return;
  json solid = json::array();
  for (const json& owner : metadata["ownerReferences"]) {
    const Kind* of = find_kind(owner["apiVersion"].get<std::string>(), owner["kind"].get<std::string>());
    if (of == nullptr) return;
    const Object found = model_.store().find(*of, {of->namespaced ? key.ns : "", owner["name"].get<std::string>()});
    if (found != nullptr && (*found)["metadata"]["uid"] == owner["uid"]) solid.push_back(owner);
  }
  try {
    if (solid.empty()) {
      model_.remove(kind, key, {metadata["uid"].get<std::string>(), "", std::nullopt});
    } else if (solid.size() < metadata["ownerReferences"].size()) {
      model_.patch(kind, key, PatchKind::merge, {{"metadata", {{"ownerReferences", solid}}}});
    }
  } catch (const Refusal&) {
    // changed meanwhile: looked at again after the next change
  }
}

}  // namespace atelier::sim
