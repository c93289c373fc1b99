// The model of the API server as HTTP: requests to verbs, objects and refusals to answers.
#include "sim/api_model.h"
#include "sim/refusal.h"
#include "sim/selector.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

http::Response respond(int status, const json& body) {
  http::Response response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}};
  response.body = body.dump();
  return response;
}

json parsed(const std::string& body) {
  json document = json::parse(body, nullptr, false);
  if (document.is_discarded()) throw bad_request("the body is not JSON");
  return document;
}

PatchKind patch_kind(const Kind& kind, const http::Request& request) {
  for (const auto& [name, value] : request.headers) {
    if (name != "Content-Type") continue;
    if (value == "application/merge-patch+json") return PatchKind::merge;
    if (value == "application/strategic-merge-patch+json" && !kind.custom()) return PatchKind::strategic;
    if (value == "application/json-patch+json") return PatchKind::json;
    if (value == "application/apply-patch+yaml") return PatchKind::apply;
  }
  throw Refusal{415, "UnsupportedMediaType", "the patch's content type is not supported"};
}

Removal removal_of(const std::string& body) {
  Removal out;
  if (body.empty()) return out;
  const json options = parsed(body);
  const json preconditions = options.value("preconditions", json::object());
  out.uid = preconditions.value("uid", "");
  out.resource_version = preconditions.value("resourceVersion", "");
  if (options.contains("gracePeriodSeconds")) out.grace_seconds = options["gracePeriodSeconds"].get<int>();
  const std::string propagation = options.value("propagationPolicy", "Background");
  if (propagation != "Background") throw bad_request("only background deletion is modelled");
  return out;
}

}  // namespace

http::Response ApiModel::handle(const http::Request& request) {
  try {
    return answer(parse_target(request.target), request);
  } catch (const Refusal& refusal) {
    return refusal.response();
  }
}

http::Response ApiModel::answer(const Target& target, const http::Request& request) {
  const Kind& kind = *target.kind;
  const Refusal not_allowed{405, "MethodNotAllowed", "the server does not allow this method on the resource"};
  const bool collection = target.key.name.empty();
  const int made = store_.find(kind, target.key) == nullptr ? 201 : 200;
  switch (request.method) {
    case http::Method::get:
      if (collection) return respond(200, list(target));
      if (target.subresource == "log") return log(target);
      return respond(200, *get(kind, target.key));
    case http::Method::head:
      throw not_allowed;
    case http::Method::post:
      if (!collection) throw not_allowed;
      return respond(201, *create(kind, target.key.ns, parsed(request.body)));
    case http::Method::put:
      if (collection) throw not_allowed;
      return respond(made, *update(kind, target.key, parsed(request.body), target.subresource));
    case http::Method::patch: {
      if (collection) throw not_allowed;
      const Object object = patch(kind, target.key, patch_kind(kind, request), parsed(request.body), target.subresource,
                                  target.get("fieldManager"));
      return respond(made, *object);
    }
    case http::Method::delete_: {
      if (collection || !target.subresource.empty()) throw not_allowed;
      const Object left = remove(kind, target.key, removal_of(request.body));
      if (kind.plural == "pods" || store_.find(kind, target.key) != nullptr) return respond(200, *left);
      return respond(200, {{"apiVersion", "v1"},
                           {"kind", "Status"},
                           {"metadata", json::object()},
                           {"status", "Success"},
                           {"details", {{"name", target.key.name}, {"uid", (*left)["metadata"]["uid"]}}}});
    }
  }
  throw not_allowed;
}

http::Response ApiModel::log(const Target& target) const {
  const Object pod = get(*target.kind, target.key);
  const std::string container = target.get("container");
  auto text = log_of_ ? log_of_(*pod, container) : std::nullopt;
  if (!text) {
    throw bad_request("container \"" + container + "\" in pod \"" + target.key.name +
                      "\" is terminated, and its log is gone");
  }
  if (const std::string most = target.get("limitBytes"); !most.empty())
    text->resize(std::min(text->size(), std::stoul(most)));
  http::Response response;
  response.status = 200;
  response.headers = {{"content-type", "text/plain"}};
  response.body = *std::move(text);
  return response;
}

ApiModel::Snapshot ApiModel::snapshot(const Target& target) const {
  Snapshot out{{}, served(*target.kind)};
  const Selector selector{*target.kind, target.get("labelSelector"), target.get("fieldSelector")};
  for (const Object& object : store_.all_at(out.version, *target.kind, target.key.ns)) {
    if (selector.matches(*object)) out.rest.push_back(object);
  }
  return out;
}

json ApiModel::list(const Target& target) {
  Snapshot snapshot;
  if (const std::string token = target.get("continue"); !token.empty()) {
    const auto at = pages_.find(token);
    if (at == pages_.end()) throw Refusal{410, "Expired", "The provided continue parameter is too old"};
    snapshot = at->second;
  } else {
    snapshot = this->snapshot(target);
  }
  const std::string limit = target.get("limit");
  std::size_t count = snapshot.rest.size();
  if (!limit.empty()) count = std::min(count, static_cast<std::size_t>(std::stoul(limit)));
  json items = json::array();
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back(*snapshot.rest[i]);
    if (target.kind->custom()) continue;
    for (const char* field : {"apiVersion", "kind"}) items.back().erase(field);
  }
  json metadata = {{"resourceVersion", std::to_string(snapshot.version)}};
  if (count < snapshot.rest.size()) {
    const std::string token = "page-" + std::to_string(pages_.size() + 1) + "-" + std::to_string(snapshot.version);
    snapshot.rest.erase(snapshot.rest.begin(), snapshot.rest.begin() + static_cast<std::ptrdiff_t>(count));
    const bool selected = !target.get("labelSelector").empty() || !target.get("fieldSelector").empty();
    if (!selected) metadata["remainingItemCount"] = snapshot.rest.size();
    pages_.insert_or_assign(token, std::move(snapshot));
    metadata["continue"] = token;
  }
  return {{"apiVersion", target.kind->api_version()},
          {"kind", target.kind->name + "List"},
          {"metadata", std::move(metadata)},
          {"items", std::move(items)}};
}

}  // namespace atelier::sim
