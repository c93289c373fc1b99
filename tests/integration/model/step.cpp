#include "integration/model/step.h"

#include <array>

#include "sim/sim_loop.h"

namespace atelier::model {
namespace {

using nlohmann::json;

constexpr std::array kVerbs{"create", "get", "list", "page", "put", "merge", "json", "strategic", "apply", "remove"};
constexpr std::array kPicks{"none", "right", "wrong"};

json base(const char* version, const char* kind, const std::string& name) {
  return {{"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", name}}}};
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Step next() {
    Step step;
    step.plural = one_of(plurals());
    step.name = one_of<std::string>({"a", "b", "c"});
    const std::uint64_t dice = random_.next() % 100;
    if (dice < 24) {
      create(step);
    } else if (dice < 30) {
      step.verb = Verb::get;
    } else if (dice < 40) {
      list(step);
    } else if (dice < 50) {
      put(step);
    } else if (dice < 66) {
      merge(step);
    } else if (dice < 75) {
      patch(step);
    } else if (dice < 81) {
      strategic(step);
    } else if (dice < 86) {
      apply(step);
    } else {
      remove(step);
    }
    return step;
  }

 private:
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random_.next() % all.size()];
  }
  json some(const std::vector<json>& all) { return one_of(all); }
  bool chance(double probability) { return random_.chance(probability); }
  Pick pick() { return one_of<Pick>({Pick::none, Pick::none, Pick::right, Pick::right, Pick::right, Pick::wrong}); }

  // Pods b have no node, so they go at once; without finalizers, or the cluster's pod collector would meddle with them.
  bool may_hold(const Step& step) { return step.plural != "pods" || step.name != "b"; }
  json finalizers() {
    return some({json::array({"atelier.dev/one"}), json::array({"atelier.dev/one", "atelier.dev/two"}),
                 json::array({"atelier.dev/two"}), json::array(), nullptr});
  }
  json owners() {
    return some({json::array({owner("configmaps", "root-1")}), json::array({owner("configmaps", "root-2")}),
                 json::array({owner("configmaps", "root-1"), owner("configmaps", "root-2")}), json::array()});
  }
  json labels() { return some({{{"app", "x"}}, {{"app", "y"}}, {{"app", "x"}, {"tier", "one"}}, {{"tier", "two"}}}); }

  void create(Step& step) {
    step.verb = Verb::create;
    step.body = object_of(step.plural, step.name);
    json& metadata = step.body["metadata"];
    if (chance(0.6)) metadata["labels"] = labels();
    if (may_hold(step) && chance(0.3)) metadata["finalizers"] = finalizers();
    if (chance(step.plural == "controllerrevisions" ? 0.7 : 0.2)) metadata["ownerReferences"] = owners();
    if (chance(0.2)) step.body["status"] = {{"phase", "Running"}};
    if (step.plural != "pods" && step.plural != "pipelineruns") step.body.erase("status");
    switch (random_.next() % 40) {
      case 0:
        metadata["name"] = some({"Bad_Name", "-a", "a.", std::string(300, 'a')});
        break;
      case 1:
        metadata.erase("name");
        break;
      case 2:
        step.body["kind"] = "Another";
        break;
      case 3:
        step.body["apiVersion"] = "v2";
        break;
      case 4:
        metadata["namespace"] = "another";
        break;
      case 5:
        metadata["resourceVersion"] = "1";
        break;
      case 6:
        metadata["namespace"] = "@ns";
        break;
      case 7:
        metadata["uid"] = "11111111-1111-4111-8111-111111111111";
        metadata["generation"] = 7;
        metadata["creationTimestamp"] = "2020-01-01T00:00:00Z";
        break;
      case 8:
        metadata["deletionTimestamp"] = "2020-01-01T00:00:00Z";
        metadata["deletionGracePeriodSeconds"] = 3;
        break;
      case 9:
      case 10:
        metadata.erase("name");
        metadata["generateName"] = step.name + "-" + std::to_string(++generated_) + "-";
        break;
      default:
        break;
    }
  }

  void list(Step& step) {
    step.name.clear();
    if (chance(0.3)) {
      step.verb = Verb::page;
      return;
    }
    step.verb = Verb::list;
    if (chance(0.5)) step.labels = one_of<std::string>({"app=x", "app!=x", "app", "!app", "app=x,tier=one", "app==y"});
    if (chance(0.25)) {
      step.fields = one_of<std::string>({"metadata.name=a", "metadata.name!=a", "metadata.namespace=none",
                                         "status.phase=Pending", "spec.nodeName=", "spec.nodeName=nowhere",
                                         "involvedObject.name=one", "reason=Because", "type=Normal", "spec.x=1"});
    }
    if (chance(0.5)) step.limit = 1 + static_cast<int>(random_.next() % 3);
  }

  json metadata_change(const Step& step) {
    switch (random_.next() % 8) {
      case 0:
        return {{"labels", labels()}};
      case 1:
        return {{"labels", nullptr}};
      case 2:
        return {{"annotations", {{"atelier.dev/note", some({"1", "2", nullptr})}}}};
      case 3:
        return {{"ownerReferences", owners()}};
      case 4:
        return some({{{"generation", 99}},
                     {{"creationTimestamp", "2020-01-01T00:00:00Z"}},
                     {{"deletionTimestamp", nullptr}},
                     {{"deletionTimestamp", "2020-01-01T00:00:00Z"}},
                     {{"deletionGracePeriodSeconds", 77}},
                     {{"generateName", "z-"}},
                     {{"namespace", "another"}},
                     {{"name", "z"}}});
      default:
        return may_hold(step) ? json{{"finalizers", finalizers()}} : json::object();
    }
  }
  json content_change(const Step& step) {
    if (step.plural == "configmaps") return {{"data", {{some({"x", "y"}), some({"1", "2", nullptr})}}}};
    if (step.plural == "controllerrevisions") return some({{{"revision", 2}}, {{"data", {{"x", 2}}}}});
    if (step.plural == "events") return {{"count", some({1, 2})}, {"lastTimestamp", "2026-01-01T00:00:01Z"}};
    if (step.plural == "leases") return {{"spec", {{"holderIdentity", some({"me", "you", nullptr})}}}};
    if (step.plural == "approvals") return json::object();
    if (step.plural == "pods") return {{"spec", {{"nodeName", some({"nowhere", "elsewhere"})}}}};
    return some({{{"spec", {{"suspend", true}}}},
                 {{"spec", {{"suspend", false}}}},
                 {{"spec", {{"skip", {"t"}}}}},
                 {{"spec", {{"suspend", true}}}, {"status", {{"phase", "Failed"}}}},
                 {{"status", {{"phase", "Succeeded"}}}},
                 {{"spec", {{"cancel", {{"reason", "enough"}, {"letRunningFinish", false}, {"finally", true}}}}}}});
  }
  json status_change(const Step& step) {
    if (step.plural == "pods") return {{"status", {{"phase", some({"Running", "Succeeded", "Failed"})}}}};
    return some({{{"status", {{"phase", "Running"}}}},
                 {{"status", {{"phase", "Failed"}, {"observedGeneration", 1}}}},
                 {{"status", {{"counts", {{"total", 3}, {"running", some({1, 2, nullptr})}}}}}},
                 {{"status", nullptr}},
                 {{"status", {{"phase", nullptr}}}},
                 {{"spec", {{"suspend", true}}}, {"status", {{"phase", "Running"}}}}});
  }
  bool has_status(const Step& step) { return step.plural == "pods" || step.plural == "pipelineruns"; }

  void change(Step& step) {
    step.body = json::object();
    if (has_status(step) && chance(0.4)) {
      step.subresource = "status";
      step.body = status_change(step);
      if (step.plural == "pods" && chance(0.3)) step.body["metadata"] = metadata_change(step);
    } else if (chance(0.5)) {
      step.body = content_change(step);
      if (chance(0.2)) step.body["metadata"] = metadata_change(step);
    } else {
      step.body["metadata"] = metadata_change(step);
    }
    step.version = pick();
    step.uid = pick();
  }
  void put(Step& step) {
    step.verb = Verb::put;
    change(step);
    if (chance(0.3)) step.uid = Pick::right;
  }
  void merge(Step& step) {
    step.verb = Verb::merge;
    change(step);
    if (chance(0.05)) step.body["metadata"]["labels"] = {{"app", nullptr}};
  }
  void patch(Step& step) {
    step.verb = Verb::json;
    step.version = one_of<Pick>({Pick::none, Pick::none, Pick::none, Pick::right, Pick::wrong});
    step.uid = pick();
    const auto operation = [](const char* op, const char* path, const json& value) {
      return json::array({{{"op", op}, {"path", path}, {"value", value}}});
    };
    std::vector<json> all{
        json::array(),
        operation("add", "/metadata/labels/app", "y"),
        operation("replace", "/metadata/labels/app", "x"),
        operation("test", "/metadata/labels/app", "x"),
        operation("add", "/metadata/labels", {{"app", "z"}}),
        json::array({{{"op", "remove"}, {"path", "/metadata/labels"}}}),
        operation("add", "/metadata/ownerReferences/-", owner("configmaps", "root-2")),
        operation("add", "/metadata/annotations", {{"atelier.dev/note", "3"}}),
    };
    if (may_hold(step)) {
      all.push_back(operation("add", "/metadata/finalizers/-", "atelier.dev/three"));
      for (int twice = 0; twice < 5; ++twice) {
        for (const char* expected : {"atelier.dev/one", "atelier.dev/two"}) {
          json release = operation("test", "/metadata/finalizers/0", expected);
          release.push_back({{"op", "remove"}, {"path", "/metadata/finalizers/0"}});
          all.push_back(release);
        }
      }
    }
    if (step.plural == "configmaps") {
      all.push_back(operation("replace", "/data/x", "4"));
      all.push_back(json::array({{{"op", "remove"}, {"path", "/data/y"}}}));
    }
    step.body = some(all);
  }
  void strategic(Step& step) {  // custom resources do not take it
    change(step);
    step.verb = Verb::strategic;
    if (step.subresource.empty() && chance(0.8)) {
      step.plural = "controllerrevisions";
      step.body = {{"metadata", {{"ownerReferences", owners()}}}};
    }
    // Lists of strings are merged too, which is not modelled.
    if (step.body.contains("metadata")) step.body["metadata"].erase("finalizers");
  }
  void apply(Step& step) {
    step.verb = Verb::apply;
    step.plural = chance(0.7) ? "configmaps" : "pipelineruns";
    step.manager = one_of<std::string>({"one", "two"});
    step.version = chance(0.1) ? pick() : Pick::none;
    step.body = object_of(step.plural, step.name);
    if (chance(0.5)) step.body["metadata"]["labels"] = labels();
    if (step.plural == "configmaps") {
      step.body["data"] = some({{{"x", "1"}}, {{"x", "2"}, {"y", "1"}}, {{"y", "2"}}, {{"z", "1"}}});
    } else {
      step.body["spec"]["suspend"] = chance(0.5);
    }
  }
  void remove(Step& step) {
    step.verb = Verb::remove;
    step.uid = pick();
    step.version = chance(0.3) ? pick() : Pick::none;
    if (chance(0.2)) step.propagation = "Background";
    if (step.plural == "pods" && chance(0.6)) step.grace = static_cast<int>(random_.next() % 3) * 20;
  }

  sim::SimRandom random_;
  int generated_ = 0;
};

}  // namespace

const std::vector<std::string>& plurals() {
  static const std::vector<std::string> all{"pipelineruns", "pods",   "configmaps", "controllerrevisions",
                                            "events",       "leases", "approvals"};
  return all;
}

json owner(const std::string& plural, const std::string& name) {
  const json object = object_of(plural, name);
  return {{"apiVersion", object["apiVersion"]},
          {"kind", object["kind"]},
          {"name", name},
          {"uid", "@uid:" + plural + "/" + name}};
}

// Says what the server would set by default, but for pods.
json object_of(const std::string& plural, const std::string& name) {
  if (plural == "configmaps") {
    json object = base("v1", "ConfigMap", name);
    object["data"] = {{"x", "0"}};
    return object;
  }
  if (plural == "pods") {
    json object = base("v1", "Pod", name);
    object["spec"] = {{"schedulerName", "nobody"},
                      {"terminationGracePeriodSeconds", 15},
                      {"containers", json::array({{{"name", "task"}, {"image", "nothing.invalid/none"}}})}};
    if (name != "b") object["spec"]["nodeName"] = "nowhere";
    return object;
  }
  if (plural == "controllerrevisions") {
    json object = base("apps/v1", "ControllerRevision", name);
    object["revision"] = 1;
    object["data"] = {{"x", 1}};
    return object;
  }
  if (plural == "events") {
    json object = base("v1", "Event", name);
    object["involvedObject"] = {
        {"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"name", "one"}, {"namespace", "@ns"}, {"uid", "1"}};
    object["type"] = "Normal";
    object["reason"] = "Because";
    object["message"] = "it is so";
    object["source"] = {{"component", "test"}};
    object["firstTimestamp"] = "2026-01-01T00:00:00Z";
    object["lastTimestamp"] = "2026-01-01T00:00:00Z";
    object["count"] = 1;
    return object;
  }
  if (plural == "leases") {
    json object = base("coordination.k8s.io/v1", "Lease", name);
    object["spec"] = {{"holderIdentity", "me"},
                      {"leaseDurationSeconds", 15},
                      {"leaseTransitions", 0},
                      {"renewTime", "2026-01-01T00:00:00.000000Z"}};
    return object;
  }
  if (plural == "approvals") {
    json object = base("atelier.dev/v1alpha1", "Approval", name);
    object["spec"] = {{"run", {{"name", "r"}, {"uid", "1"}}}, {"task", "t"}, {"decision", "Approve"}, {"user", "me"}};
    return object;
  }
  json object = base("atelier.dev/v1alpha1", "PipelineRun", name);
  object["spec"] = {{"pipeline", {{"name", "p"}}}, {"suspend", false}};
  return object;
}

std::string to_text(const Step& step) {
  std::string text = std::string(kVerbs[static_cast<std::size_t>(step.verb)]) + " " + step.plural;
  const auto say = [&text](const char* what, const std::string& value) {
    if (!value.empty()) text += std::string(" ") + what + value;
  };
  say("", step.name);
  say("/", step.subresource);
  if (step.version != Pick::none) say("version=", kPicks[static_cast<std::size_t>(step.version)]);
  if (step.uid != Pick::none) say("uid=", kPicks[static_cast<std::size_t>(step.uid)]);
  say("labels: ", step.labels);
  say("fields: ", step.fields);
  if (step.limit > 0) say("limit=", std::to_string(step.limit));
  say("manager=", step.manager);
  if (step.grace >= 0) say("grace=", std::to_string(step.grace));
  say("propagation=", step.propagation);
  if (!step.body.is_null()) say("", step.body.dump());
  return text;
}

std::vector<Step> sequence(std::uint64_t seed, std::size_t count) {
  Generator generator{seed};
  std::vector<Step> steps;
  const auto make = [&steps](const std::string& plural, const std::string& name) {
    Step step;
    step.verb = Verb::create;
    step.plural = plural;
    step.body = object_of(plural, name);
    step.body["metadata"]["labels"] = {{"app", "x"}};
    steps.push_back(std::move(step));
  };
  for (const std::string& plural : plurals()) {
    Step step;
    step.verb = Verb::list;
    step.plural = plural;
    steps.push_back(std::move(step));
  }
  make("configmaps", "root-1");
  make("configmaps", "root-2");
  while (steps.size() < count) steps.push_back(generator.next());
  for (const std::string& plural : plurals()) make(plural, "last");
  return steps;
}

}  // namespace atelier::model
