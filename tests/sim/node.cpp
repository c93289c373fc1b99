#include "sim/node.h"

#include "atelier/base/digest.h"
#include "render/task_pod.h"
#include "sim/refusal.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr const char* kDigest = "@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

std::string uid_of(const json& object) { return object["metadata"]["uid"].get<std::string>(); }

json terminated(int exit_code, WallTime from, WallTime to, const std::string& reason, const std::string& message) {
  json state = {
      {"exitCode", exit_code}, {"reason", reason}, {"startedAt", format_time(from)}, {"finishedAt", format_time(to)}};
  if (!message.empty()) state["message"] = message;
  return {{"terminated", std::move(state)}};
}

// The tag goes, a digest comes.
std::string image_id(const std::string& image) {
  if (image.find('@') != std::string::npos) return image;
  const std::size_t colon = image.rfind(':');
  const bool tagged = colon != std::string::npos && image.find('/', colon) == std::string::npos;
  return (tagged ? image.substr(0, colon) : image) + kDigest;
}

}  // namespace

json container_statuses(const json& pod, const char* list, const json& state) {
  json out = json::array();
  for (const json& container : pod["spec"].value(list, json::array())) {
    const auto image = container["image"].get<std::string>();
    out.push_back({{"name", container["name"]}, {"image", image}, {"imageID", image_id(image)}, {"state", state}});
  }
  return out;
}

Node::Node(ApiModel& model, SimLoop& loop, std::uint64_t seed, ScriptOf script, NodeTimes times)
    : model_(model), loop_(loop), random_(seed), script_(std::move(script)), times_(times) {
  model_.set_logs([this](const json& pod, const std::string& container) -> std::optional<std::string> {
    const auto local = pods_.find(uid_of(pod));
    if (local == pods_.end() || local->second.log.empty() || container != render::kResultsContainer) return {};
    return local->second.log;
  });
  model_.on_change([this](const Change& change) {
    if (change.kind->plural == "pods") pod_changed(change);
    if (change.kind->plural != "deployments" || change.after == nullptr) return;
    rollouts_[change.key] = loop_.after(Millis{1'500}, [this, key = change.key] { roll(key); });
  });
}

void Node::then(Local& pod, Millis delay, void (Node::*step)(const std::string&), const std::string& uid) {
  pod.timer = loop_.after(delay, [this, step, uid] { (this->*step)(uid); });
}

Object Node::current(const std::string& uid) const {
  const Object object = model_.store().find(kind_of("pods"), pods_.at(uid).key);
  return object != nullptr && uid_of(*object) == uid ? object : nullptr;
}

void Node::pod_changed(const Change& change) {
  const std::string uid = uid_of(*change.last);
  if (change.after == nullptr) {
    pods_.erase(uid);
    return;
  }
  if (change.before == nullptr) {
    Local& pod = pods_[uid];
    pod.key = change.key;
    then(pod, random_.between(times_.least_bind, times_.most_bind), &Node::bind, uid);
    return;
  }
  const auto at = pods_.find(uid);
  if (at == pods_.end() || at->second.stopping) return;
  const json& pod = *change.after;
  const bool bound = pod["spec"].contains("nodeName");
  if (!pod["metadata"].contains("deletionTimestamp") || !bound) return;
  at->second.stopping = true;
  then(at->second, at->second.ended ? Millis{50} : times_.stop, &Node::stop, uid);
}

void Node::bind(const std::string& uid) {
  if (current(uid) == nullptr) return;
  try {
    model_.bind(pods_.at(uid).key, "node-1");
  } catch (const Refusal&) {
    return;  // it is being deleted: the API server removes what is not bound
  }
  Local& pod = pods_.at(uid);
  then(pod, random_.between(times_.least_start, times_.most_start), &Node::start, uid);
}

void Node::start(const std::string& uid) {
  const Object object = current(uid);
  if (object == nullptr) return;
  Local& pod = pods_.at(uid);
  pod.started = true;
  pod.started_at = loop_.wall_now();
  pod.script = script_(*object);
  starts_.push_back({pod.key.name, uid, done_.contains(pod.script.work)});
  json status = (*object)["status"];
  const std::string now = format_time(pod.started_at);
  status["phase"] = "Running";
  status["startTime"] = now;
  status["containerStatuses"] = container_statuses(*object, "containers", {{"running", {{"startedAt", now}}}});
  if ((*object)["spec"].contains("initContainers")) {
    status["initContainerStatuses"] =
        container_statuses(*object, "initContainers", terminated(0, pod.started_at, pod.started_at, "Completed", ""));
  }
  const Millis runs = pod.script.runs;
  const Millis most = std::chrono::seconds{(*object)["spec"].value("activeDeadlineSeconds", 1'000'000)};
  if (runs > most) pod.script = {most, 137, "DeadlineExceeded", "", ""};
  then(pod, pod.script.runs, &Node::finish, uid);
  write_status(pod.key, std::move(status));
}

void Node::finish(const std::string& uid) {
  if (current(uid) == nullptr) return;
  Local& pod = pods_.at(uid);
  const int code = pod.script.exit_code;
  if (code == 0 && !pod.script.work.empty()) done_.insert(pod.script.work);
  if (code == 137 && pod.script.message == "DeadlineExceeded") return end(pod, "Failed", code, "DeadlineExceeded", "");
  end(pod, code == 0 ? "Succeeded" : "Failed", code, "", pod.script.message);
}

void Node::end(Local& pod, const std::string& phase, int exit_code, const std::string& reason,
               const std::string& message) {
  const ObjectKey key = pod.key;
  const json object = *model_.get(kind_of("pods"), key);
  pod.ended = true;
  json status = object["status"];
  status["phase"] = phase;
  if (!reason.empty()) status["reason"] = reason;
  status["containerStatuses"] = container_statuses(
      object, "containers",
      terminated(exit_code, pod.started_at, loop_.wall_now(), exit_code == 0 ? "Completed" : "Error", message));
  if (object["spec"].contains("initContainers") && !pod.script.results.empty()) {
    const std::string& text = pod.script.results;
    pod.log = json{{"results", text}}.dump() + "\n";
    const json said = {{"ok", true}, {"step", "results"}, {"bytes", text.size()}, {"sha256", sha256_hex(text)}};
    status["initContainerStatuses"] = container_statuses(
        object, "initContainers", terminated(0, pod.started_at, loop_.wall_now(), "Completed", said.dump()));
  }
  write_status(key, std::move(status));
}

// The containers are ended, which status says before the pod is removed.
void Node::stop(const std::string& uid) {
  if (current(uid) == nullptr) return;
  Local& pod = pods_.at(uid);
  then(pod, Millis{100}, &Node::remove, uid);
  if (pod.ended) return;
  if (pod.started) {
    end(pod, "Failed", 143, "", "");
  } else {
    pod.ended = true;
    json status = (*current(uid))["status"];
    status["phase"] = "Failed";
    write_status(pod.key, std::move(status));
  }
}

bool Node::evict(const std::string& uid) {
  const auto at = pods_.find(uid);
  if (at == pods_.end() || !at->second.started || at->second.ended || at->second.stopping) return false;
  at->second.timer.reset();
  end(at->second, "Failed", 137, "Evicted", "");
  return true;
}

void Node::remove(const std::string& uid) {
  if (current(uid) == nullptr) return;
  model_.remove(kind_of("pods"), ObjectKey{pods_.at(uid).key}, {uid, "", 0});
}

void Node::write_status(const ObjectKey& key, json status) {
  model_.patch(kind_of("pods"), ObjectKey{key}, PatchKind::merge, {{"status", std::move(status)}}, "status");
}

void Node::roll(const ObjectKey& key) {
  const Object object = model_.store().find(kind_of("deployments"), key);
  if (object == nullptr) return;
  const json& deployment = *object;
  const json status = {{"observedGeneration", deployment["metadata"]["generation"]},
                       {"replicas", deployment["spec"].value("replicas", 1)},
                       {"availableReplicas", deployment["spec"].value("replicas", 1)}};
  model_.patch(kind_of("deployments"), ObjectKey{key}, PatchKind::merge, {{"status", status}}, "status");
}

}  // namespace atelier::sim
