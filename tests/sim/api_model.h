// A deterministic model of the Kubernetes API server: what a client can see of it, no more. Admission, validation
// by schema and defaults are not modelled. tests/integration/model holds it to a real one.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "atelier/base/loop.h"
#include "atelier/http/port.h"
#include "sim/managers.h"
#include "sim/store.h"
#include "sim/target.h"

namespace atelier::sim {

enum class PatchKind { merge, strategic, json, apply };

struct Removal {
  std::string uid;               // precondition; empty: none
  std::string resource_version;  // precondition; empty: none
  std::optional<int> grace_seconds;
};

class ApiModel {
 public:
  // `loop` is borrowed: the clock of creation and deletion timestamps. Requests take no time here.
  explicit ApiModel(const Loop& loop) : loop_(loop) {}

  // Everything but watches; a refusal is an answer too.
  http::Response handle(const http::Request& request);

  // The verbs, for who is inside of the cluster. Each throws Refusal.
  Object get(const Kind& kind, const ObjectKey& key) const;
  Object create(const Kind& kind, const std::string& ns, nlohmann::json object);
  Object update(const Kind& kind, const ObjectKey& key, const nlohmann::json& object, const std::string& subresource);
  Object patch(const Kind& kind, const ObjectKey& key, PatchKind how, const nlohmann::json& patch,
               const std::string& subresource = {}, const std::string& manager = {});
  // What is left: the object as it was deleted, or as it waits for its finalizers or its grace period.
  Object remove(const Kind& kind, const ObjectKey& key, const Removal& removal);
  // What the scheduler does by pods/binding.
  Object bind(const ObjectKey& pod, const std::string& node);

  // What a container of a pod wrote; nothing where no kubelet has it. Without such a function there is no log.
  using LogOf = std::function<std::optional<std::string>(const nlohmann::json& pod, const std::string& container)>;
  void set_logs(LogOf logs) { log_of_ = std::move(logs); }

  // All that is in it is deleted, and nothing more can be made there.
  void end_namespace(const std::string& ns);
  // "plural/name" of each object there.
  std::vector<std::string> in_namespace(const std::string& ns) const;

  const Store& store() const { return store_; }
  void on_change(std::function<void(const Change&)> heard) { store_.on_change(std::move(heard)); }

  // Lists and watches of `plural` are served by a replica that stands still at `version`, and without one by all that
  // there is again. GETs of one object are always live.
  void lag(const std::string& plural, std::optional<std::uint64_t> version);
  // The version that those who serve lists and watches of the kind have come to.
  std::uint64_t served(const Kind& kind) const;

  // etcd is restored from a backup of when it was at `version`. With a `bump` versions go on growing, from so much
  // beyond those that there were, and no watch goes on from an older one.
  void restore(std::uint64_t version, std::uint64_t bump);

  // Forgets history and the snapshots that lists continue, as etcd's compaction does.
  void compact();
  std::uint64_t compacted() const { return compacted_; }

  struct Snapshot {
    std::vector<Object> rest;
    std::uint64_t version = 0;
  };
  // What a list of the target has now.
  Snapshot snapshot(const Target& target) const;

 private:
  nlohmann::json list(const Target& target);
  http::Response answer(const Target& target, const http::Request& request);
  http::Response log(const Target& target) const;
  enum class Write { update, patch, apply };
  Object replace(const Kind& kind, const ObjectKey& key, const Object& old, nlohmann::json wanted,
                 const std::string& subresource, Write write, const Managers* managers = nullptr);
  Object apply(const Kind& kind, const ObjectKey& key, const nlohmann::json& wanted, const std::string& subresource,
               const std::string& manager);
  // The write, and who did it where that is known.
  Object put(const Kind& kind, const ObjectKey& key, nlohmann::json object, const Managers* managers = nullptr);
  Object erase(const Kind& kind, const ObjectKey& key);
  std::string new_uid();

  const Loop& loop_;
  LogOf log_of_;
  Store store_;
  std::set<std::string> ended_namespaces_;
  std::map<std::string, Snapshot> pages_;         // by continue token
  std::map<std::string, Managers> managers_;      // by resource and name, of what was ever applied
  std::map<std::string, std::uint64_t> lagging_;  // by plural
  std::uint64_t compacted_ = 0;
  std::uint64_t uids_ = 0;
  std::uint64_t names_ = 0;
};

}  // namespace atelier::sim
