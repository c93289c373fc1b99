#include "sim/campaign/audit.h"

#include <algorithm>

#include "render/labels.h"
#include "sim/campaign/poison.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

// How long after a run's end a pod may still start: a write arrives late, and an operator whose watches broke again and
// again looks only once a minute.
constexpr Millis kLatest{90'000};

const json::json_pointer kPhase{"/status/phase"};

bool has_ended(const std::string& phase) { return phase == "Succeeded" || phase == "Failed"; }
bool run_is_over(const std::string& phase) { return has_ended(phase) || phase == "Cancelled"; }
bool is_terminal(const std::string& state) { return run_is_over(state) || state == "Skipped"; }

std::string uid_of(const json& object) { return object["metadata"]["uid"].get<std::string>(); }

const std::string& label(const json& pod, const char* name) {
  static const std::string none;
  const json& labels = pod["metadata"]["labels"];
  const auto at = labels.find(name);
  return at == labels.end() ? none : at->get_ref<const std::string&>();
}

// Whether a failed pod failed by itself.
bool by_itself(const json& pod) {
  const json& status = pod["status"];
  if (status.value("reason", "") == "DeadlineExceeded") return true;
  for (const json& container : status.value("containerStatuses", json::array())) {
    if (container.value(json::json_pointer("/state/terminated/exitCode"), 0) == 3) return true;
  }
  return false;
}

}  // namespace

Audit::Audit(SimWorld& world, Storage& storage, std::size_t places)
    : world_(world), storage_(storage), places_(places) {
  world_.model.on_change([this](const Change& change) {
    if (change.kind->plural == "pipelines" && change.after != nullptr) {
      declared_[change.key.name] = declared_tasks((*change.after)["spec"]);
    }
    if (change.kind->plural == "pipelineruns") run_changed(change);
    if (change.kind->plural == "pods") pod_changed(change);
    if (change.kind->plural == "workspaces") workspace_changed(change);
    if (change.kind->plural == "approvals" && change.before == nullptr) {
      const json& word = (*change.after)["spec"];
      runs_[word["run"]["uid"].get<std::string>()].words[word["task"].get<std::string>()] =
          word["decision"].get<std::string>();
    }
  });
}

void Audit::find(const std::string& what) {
  world_.note("== FOUND: " + what);
  if (findings_.size() < 20) findings_.push_back(what);
}

int Audit::failures(const std::string& work) const {
  const auto at = failures_.find(work);
  return at == failures_.end() ? 0 : at->second;
}

void Audit::run_changed(const Change& change) {
  if (is_poisoned(change.key.name)) return;
  Run& run = runs_[uid_of(*change.last)];
  const Millis now = world_.loop.elapsed();
  if (change.before == nullptr) {
    run.name = change.key.name;
    run.tasks = declared_[(*change.last)["spec"]["pipeline"]["name"].get<std::string>()];
  }
  if (change.after == nullptr) {
    run.gone = true;
    if (run.over < Millis{0}) run.over = now;
    at_work_.erase(uid_of(*change.last));
    return;
  }
  const json& status = change.after->contains("status") ? (*change.after)["status"] : json::object();
  const std::string phase = status.value("phase", "");
  if (run_is_over(run.phase) && phase != run.phase) find(run.name + " was " + run.phase + " and became " + phase);
  if (run_is_over(phase) && run.over < Millis{0}) run.over = now;
  run.phase = phase;
  for (const json& task : status.value("tasks", json::array())) {
    const std::string state = task["state"].get<std::string>();
    std::string& end = run.ends[task["name"].get<std::string>()];
    if (!end.empty() && state != end)
      find(run.name + ": " + task["name"].dump() + " was " + end + " and became " + state);
    if (is_terminal(state)) end = state;
  }
}

void Audit::pod_changed(const Change& change) {
  const json& pod = *change.last;
  if (is_poisoned(change.key.name) || is_poisoned(label(pod, render::kRun))) return;
  const std::string phase = pod.value(kPhase, "");
  const bool new_phase = change.before == nullptr || change.before->value(kPhase, "") != phase;
  if (label(pod, render::kComponent) == render::kPublish && new_phase && phase == "Succeeded") storage_.published(pod);
  if (label(pod, render::kComponent) == render::kSweep && new_phase && phase == "Succeeded") storage_.swept(pod);
  if (label(pod, render::kComponent) != render::kTask) return;

  const std::string run_uid = label(pod, render::kRunUid);
  const std::string uid = uid_of(pod);
  Run& run = runs_[run_uid];
  Work& work = run.works[label(pod, render::kTaskName)][label(pod, render::kItem)];
  const std::string words = run.name + "/" + pod["metadata"]["name"].get<std::string>();
  const int attempt = std::stoi(label(pod, render::kAttempt));
  if (change.before == nullptr) created(run, pod, work);
  if (change.after == nullptr || has_ended(phase) || pod["metadata"].contains("deletionTimestamp")) {
    run.active.erase(uid);
  }
  if (run.active.empty() || run.gone) {
    at_work_.erase(run_uid);
  } else if (change.before == nullptr && run.over < Millis{0}) {
    at_work_.insert(run_uid);
    if (at_work_.size() > places_) find(words + ": more runs are at work than the workspace has places");
  }
  const bool never_bound = pod["metadata"].contains("deletionTimestamp") && !pod["spec"].contains("nodeName");
  if (!has_ended(phase) && (change.after == nullptr || never_bound)) work.pods[uid] = "Failed";
  if (!new_phase || change.after == nullptr || never_bound) return;
  for (const auto& [other, was] : work.pods) {
    if (phase == "Running" && other != uid && was == "Running") find(words + " runs while another attempt does");
  }
  work.pods[uid] = phase;
  if (phase == "Running") {
    if (++work.starts[attempt] > 1) find(words + ": its attempt was started before");
    if (work.successes > 0) find(words + " was started although its work is done");
    if (run.over >= Millis{0} && world_.loop.elapsed() > run.over + kLatest)
      find(words + " starts for a run that is over");
  } else if (phase == "Succeeded") {
    if (++work.successes > 1) find(words + ": its work was done before");
  } else if (phase == "Failed" && by_itself(pod)) {
    ++work.failures;
    ++failures_[run_uid + "/" + label(pod, render::kTaskName) + "/" + label(pod, render::kItem)];
  }
}

void Audit::created(Run& run, const json& pod, Work& work) {
  const std::string task = label(pod, render::kTaskName);
  const std::string words = run.name + "/" + pod["metadata"]["name"].get<std::string>();
  ++attempts_;
  run.active.insert(uid_of(pod));
  work.made.insert(std::stoi(label(pod, render::kAttempt)));
  if (!run.tasks.contains(task)) return find(words + " is of no declared task");
  const json& owner = pod["metadata"]["ownerReferences"][0];
  if (owner["uid"] != json(label(pod, render::kRunUid))) find(words + " is owned by another run");
  check_order(run, task);
  for (const json& word : pod["spec"]["containers"][0].value("args", json::array())) {
    const std::string text = word.get<std::string>();
    if (!text.starts_with("--got-")) continue;
    const std::size_t equals = text.find('=');
    const std::string& rows = run.tasks[text.substr(6, equals - 6)].rows;
    if (text.substr(equals + 1) != rows) find(words + " got " + text + " instead of " + rows);
  }
}

void Audit::check_order(const Run& run, const std::string& task) {
  const DeclaredTask& declared = run.tasks.at(task);
  const auto succeeded = [&run](const std::string& name) {
    const auto works = run.works.find(name);
    return works == run.works.end() || std::all_of(works->second.begin(), works->second.end(),
                                                   [](const auto& one) { return one.second.successes > 0; });
  };
  const auto runs = [&run](const std::string& name) {
    const auto works = run.works.find(name);
    return works != run.works.end() && std::any_of(works->second.begin(), works->second.end(), [](const auto& one) {
             return std::any_of(one.second.pods.begin(), one.second.pods.end(),
                                [](const auto& pod) { return !has_ended(pod.second); });
           });
  };
  for (const std::string& entry : declared.depends_on) {
    const std::string name = entry.substr(0, entry.find('.'));
    if (runs(name)) find(run.name + ": " + task + " begins while " + name + " runs");
    if (run.tasks.contains(name) && run.tasks.at(name).approval) {
      const auto end = run.ends.find(name);
      const std::string said = end == run.ends.end() ? "" : end->second;
      const auto word = run.words.find(name);
      const bool approved = word != run.words.end() && word->second == "Approve";
      if (said != (entry == name ? "Succeeded" : "Failed")) {
        find(run.name + ": " + task + " begins although status says of " + name + ": " + said);
      }
      if (approved != (said == "Succeeded")) {
        find(run.name + ": " + task + " begins although people said of " + name + ": " +
             (word == run.words.end() ? "nothing" : word->second));
      }
      continue;
    }
    if (entry == name && !succeeded(name)) find(run.name + ": " + task + " begins although " + name + " failed");
  }
  for (const auto& [name, other] : run.tasks) {
    if (declared.finally && !other.finally && runs(name))
      find(run.name + ": " + task + " begins while " + name + " runs");
  }
}

void Audit::workspace_changed(const Change& change) {
  if (change.after == nullptr) return;
  const std::string live = change.after->value(json::json_pointer("/status/release/id"), "");
  if (!live.empty() && !storage_.complete(live)) find("status names the release " + live + ", which is not complete");
}

void Audit::check_status(const json& object, bool cancelled) {
  const Run& run = runs_[uid_of(object)];
  const json& status = object["status"];
  const auto of = [&run](const std::string& what) { return run.name + ": " + what; };
  if (cancelled && !status.contains("pin") && run.works.empty()) return;  // it never began
  const json counts = status.value("counts", json::object());
  std::int64_t ended = 0;
  for (const char* end : {"succeeded", "failed", "skipped", "cancelled"}) ended += counts.value(end, 0);
  if (ended != counts.value("total", 0)) find(of("its counts do not add up: " + counts.dump()));
  std::map<std::string, int> rows;
  for (const json& row : status.value("tasks", json::array())) {
    const std::string name = row["name"].get<std::string>();
    const std::string state = row["state"].get<std::string>();
    ++rows[name];
    if (!is_terminal(state)) find(of(name + " is " + state + " although the run is over"));
    const std::size_t bracket = name.find('[');
    const std::string task = name.substr(0, bracket);
    if (!run.tasks.contains(task)) find(of(name + " was never declared"));
    const auto works = run.works.find(task);
    const std::string item = bracket == std::string::npos ? "" : name.substr(bracket + 1, name.size() - bracket - 2);
    const bool sums_up = bracket == std::string::npos && run.tasks.contains(task) && run.tasks.at(task).fan_out;
    if (sums_up || (run.tasks.contains(task) && run.tasks.at(task).approval)) continue;
    const Work* work = nullptr;
    if (works != run.works.end() && works->second.contains(item)) work = &works->second.at(item);
    const int successes = work == nullptr ? 0 : work->successes;
    const int attempts = work == nullptr ? 0 : static_cast<int>(work->made.size());
    if ((state == "Succeeded") != (successes == 1) && !(cancelled && state == "Cancelled")) {
      find(of(name + " is " + state + " and succeeded " + std::to_string(successes) + " times"));
    }
    if (state == "Skipped" && attempts > 0 && !cancelled) find(of(name + " was skipped and had a pod"));
    if (row.value("attempt", 0) != attempts && !cancelled) {
      find(of(name + " had " + std::to_string(attempts) + " attempts, not " + std::to_string(row.value("attempt", 0))));
    }
    if (work != nullptr && row.value("attempt", 0) - row.value("restarts", 0) != work->failures + successes &&
        !cancelled) {
      find(of(name + " lost an attempt of its own: it failed " + std::to_string(work->failures) + " times, " +
              row.dump()));
    }
  }
  for (const auto& [name, task] : run.tasks) {
    if (rows[name] != 1) find(of(name + " has " + std::to_string(rows[name]) + " outcomes"));
  }
}

void Audit::check_pods() {
  for (const Object& object : world_.all("pods")) {
    const json& pod = *object;
    const json& metadata = pod["metadata"];
    const std::string name = metadata["name"].get<std::string>();
    if (metadata.contains("finalizers")) find(name + " still has a finalizer");
    if (!has_ended(pod.value(kPhase, ""))) find(name + " still runs");
    if (label(pod, render::kComponent) != render::kTask) continue;
    const json run = world_.find("pipelineruns", {metadata["namespace"].get<std::string>(), label(pod, render::kRun)});
    if (run.is_null() || uid_of(run) != label(pod, render::kRunUid)) find(name + " outlived its run");
  }
}

}  // namespace atelier::sim
