#include "integration/model/side.h"

#include <algorithm>
#include <sstream>

#include "atelier/kube/request.h"
#include "sim/target.h"

namespace atelier::model {
namespace {

using nlohmann::json;

constexpr const char* kNoVersion = "1";
constexpr const char* kNoUid = "22222222-2222-4222-8222-222222222222";

// Go shows some fields that were never set as null or empty, and what a kubelet or the scheduler needs is set by
// default in a pod.
void reduce(json& object) {
  const std::string kind = object.value("kind", "");
  if (kind == "Pod") {
    json spec = json::object();
    for (const char* field : {"nodeName", "activeDeadlineSeconds", "terminationGracePeriodSeconds"}) {
      if (object["spec"].contains(field)) spec[field] = object["spec"][field];
    }
    object["spec"] = spec;
    object["status"] = {{"phase", object["status"].value("phase", "")}};
  }
  if (kind == "PipelineRun" || kind == "Approval") return;
  for (auto field = object.begin(); field != object.end();) {
    const bool empty = field->is_null() || field->empty() || (field->is_string() && *field == "");
    field = empty ? object.erase(field) : std::next(field);
  }
}

}  // namespace

kube::Resource resource_of(const std::string& plural) {
  const sim::Kind& kind = sim::kind_of(plural);
  return {kind.group, kind.version, kind.plural, kind.namespaced};
}

std::string Side::version(const Step& step) const {
  const auto seen = seen_.find(step.plural + "/" + step.name);
  if (seen == seen_.end()) return kNoVersion;
  const auto& versions = seen->second.versions;
  if (step.version == Pick::right) return versions.back();
  return versions.size() < 2 ? kNoVersion : versions[versions.size() - 2];
}

std::string Side::uid(const Step& step) const {
  const auto seen = seen_.find(step.plural + "/" + step.name);
  return step.uid == Pick::wrong || seen == seen_.end() ? kNoUid : seen->second.uid;
}

void Side::identify(const Step& step, json& metadata) const {
  if (!metadata.is_object()) metadata = json::object();
  metadata.erase("resourceVersion");
  metadata.erase("uid");
  if (step.version != Pick::none) metadata["resourceVersion"] = version(step);
  if (step.uid != Pick::none) metadata["uid"] = uid(step);
}

json Side::resolved(json body) const {
  if (body.is_structured()) {
    for (json& part : body) part = resolved(std::move(part));
  } else if (body == "@ns") {
    return ns_;
  } else if (body.is_string() && body.get<std::string>().starts_with("@uid:")) {
    const auto seen = seen_.find(body.get<std::string>().substr(5));
    return seen == seen_.end() ? kNoUid : seen->second.uid;
  }
  return body;
}

http::Request Side::request(const Step& step) const {
  const kube::Resource resource = resource_of(step.plural);
  const ObjectKey key{ns_, step.name};
  json body = resolved(step.body);
  switch (step.verb) {
    case Verb::create:
      return kube::create(resource, ns_, body);
    case Verb::get:
      return kube::get(resource, key);
    case Verb::list:
    case Verb::page: {
      const auto before = lists_.find(step.plural);
      const Step& asked = step.verb == Verb::page && before != lists_.end() ? before->second : step;
      kube::ListOptions options;
      options.label_selector = asked.labels;
      options.field_selector = asked.fields;
      options.limit = asked.limit;
      if (step.verb == Verb::page && tokens_.contains(step.plural)) options.continue_token = tokens_.at(step.plural);
      return kube::list(resource, ns_, options);
    }
    case Verb::put: {
      const auto seen = seen_.find(step.plural + "/" + step.name);
      json object = seen == seen_.end() ? resolved(object_of(step.plural, step.name)) : seen->second.object;
      object.merge_patch(body);
      identify(step, object["metadata"]);
      return kube::update(resource, key, object, step.subresource);
    }
    case Verb::merge:
      identify(step, body["metadata"]);
      return kube::merge_patch(resource, key, body, step.subresource);
    case Verb::strategic:
      identify(step, body["metadata"]);
      return kube::strategic_merge_patch(resource, key, body, step.subresource);
    case Verb::apply:
      identify(step, body["metadata"]);
      return kube::apply(resource, key, body, step.manager);
    case Verb::json: {
      json operations = json::array();
      const auto test = [&operations](const char* path, const std::string& value) {
        operations.push_back({{"op", "test"}, {"path", path}, {"value", value}});
      };
      if (step.version != Pick::none) test("/metadata/resourceVersion", version(step));
      if (step.uid != Pick::none) test("/metadata/uid", uid(step));
      operations.insert(operations.end(), body.begin(), body.end());
      return kube::json_patch(resource, key, operations, step.subresource);
    }
    case Verb::remove:
      break;
  }
  kube::DeleteOptions options;
  if (step.uid != Pick::none) options.uid = Uid{uid(step)};
  if (step.version != Pick::none) options.resource_version = version(step);
  if (step.grace >= 0) options.grace_seconds = step.grace;
  options.propagation = step.propagation;
  return kube::delete_(resource, key, options);
}

std::string Side::symbol(const char* kind, const std::string& value) {
  std::string& known = symbols_[kind + value];
  if (known.empty()) known = std::string(kind) + std::to_string(++counts_[kind]);
  return known;
}

json Side::normal(json object) {
  reduce(object);
  json& metadata = object["metadata"];
  metadata.erase("managedFields");
  for (const char* time : {"creationTimestamp", "deletionTimestamp"}) {
    if (metadata.contains(time)) metadata[time] = "a time";
  }
  metadata["uid"] = symbol("uid-", metadata.value("uid", "none"));
  metadata["resourceVersion"] = symbol("version-", metadata.value("resourceVersion", "none"));
  if (metadata.value("namespace", "") == ns_) metadata["namespace"] = "@ns";
  if (const std::string prefix = metadata.value("generateName", ""); !prefix.empty()) {
    std::string name = metadata.value("name", "");
    if (name.starts_with(prefix)) metadata["name"] = prefix + "...";
  }
  for (json& one : metadata.value("ownerReferences", json::array())) one["uid"] = "";
  if (metadata.contains("ownerReferences")) {
    for (json& one : metadata["ownerReferences"]) one["uid"] = symbol("uid-", one.value("uid", "none"));
  }
  if (object.contains("involvedObject") && object["involvedObject"].contains("namespace")) {
    object["involvedObject"]["namespace"] = "@ns";
  }
  return object;
}

void Side::remember(const std::string& plural, const json& object) {
  const json& metadata = object["metadata"];
  Seen& seen = seen_[plural + "/" + metadata["name"].get<std::string>()];
  seen.object = object;
  seen.uid = metadata["uid"];
  const std::string version = metadata["resourceVersion"];
  if (seen.versions.empty() || seen.versions.back() != version) seen.versions.push_back(version);
}

json Side::heard(const Step& step, const http::Response& response) {
  json body = json::parse(response.body, nullptr, false);
  json out = {{"code", response.status}};
  if (!body.is_object() || response.status >= 400) {
    out["reason"] = body.is_object() ? body.value("reason", "") : response.body;
    return out;
  }
  if (body.contains("items")) {
    if (step.verb == Verb::list) lists_[step.plural] = step;
    tokens_.erase(step.plural);
    const json& metadata = body["metadata"];
    const std::string token = metadata.value("continue", "");  // of custom resources also where there is none
    if (!token.empty()) tokens_[step.plural] = token;
    list_versions_.try_emplace(step.plural, metadata["resourceVersion"]);
    out["kind"] = body["kind"];
    out["apiVersion"] = body["apiVersion"];
    out["continued"] = !token.empty();
    out["remaining"] = metadata.value("remainingItemCount", 0);
    out["items"] = json::array();
    for (json& item : body["items"]) {
      out["typed"] = item.contains("kind");
      item["kind"] = object_of(step.plural, "")["kind"];
      item.erase("apiVersion");
      out["items"].push_back(normal(item));
    }
    return out;
  }
  if (body.value("kind", "") == "Status") {
    out["status"] = body.value("status", "");
    out["uid"] = symbol("uid-", body["details"].value("uid", "none"));
    return out;
  }
  remember(step.plural, body);
  out["object"] = normal(std::move(body));
  return out;
}

json Side::events(const std::string& text) {
  json out = json::array();
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    json event = json::parse(line, nullptr, false);
    if (!event.is_object()) {
      out.push_back({{"not an event", line}});
    } else if (event["type"] == "ERROR") {
      out.push_back({{"type", "ERROR"}, {"code", event["object"]["code"]}, {"reason", event["object"]["reason"]}});
    } else if (event["type"] != "BOOKMARK") {
      out.push_back({{"type", event["type"]}, {"object", normal(event["object"])}});
    } else if (event["object"]["metadata"].contains("annotations")) {  // the end of the objects that were there
      out.push_back({{"type", "BOOKMARK"}, {"annotations", event["object"]["metadata"]["annotations"]}});
    }
  }
  return out;
}

}  // namespace atelier::model
