#include "atelier/kube/request.h"

#include <nlohmann/json.hpp>

namespace atelier::kube {
namespace {

using nlohmann::json;

constexpr Millis kWatchGrace{5'000};

// Appends name=value pairs to a path; an empty value leaves the pair out.
class Query {
 public:
  explicit Query(std::string path) : target_(std::move(path)) {}

  Query& with(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    target_ += any_ ? '&' : '?';
    any_ = true;
    target_ += name;
    target_ += '=';
    target_ += percent_encode(value);
    return *this;
  }
  std::string target() && { return std::move(target_); }

 private:
  std::string target_;
  bool any_ = false;
};

http::Request bare(http::Method method, std::string target) {
  http::Request request;
  request.method = method;
  request.target = std::move(target);
  request.headers.emplace_back("Accept", "application/json");
  request.timeout = kRequestTimeout;
  return request;
}

http::Request with_body(http::Method method, std::string target, std::string_view type, const json& body) {
  http::Request request = bare(method, std::move(target));
  request.headers.emplace_back("Content-Type", type);
  // Bytes that are no UTF-8 would throw; they become U+FFFD.
  request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  return request;
}

}  // namespace

http::Request list(const Resource& resource, std::string_view ns, const ListOptions& options) {
  Query query{collection_path(resource, ns)};
  query.with("labelSelector", options.label_selector).with("fieldSelector", options.field_selector);
  if (options.limit > 0) query.with("limit", std::to_string(options.limit));
  query.with("continue", options.continue_token);
  if (options.continue_token.empty() && !options.resource_version.empty()) {
    query.with("resourceVersion", options.resource_version).with("resourceVersionMatch", "NotOlderThan");
  }
  http::Request request = bare(http::Method::get, std::move(query).target());
  request.timeout = kListTimeout;
  return request;
}

http::Request watch(const Resource& resource, std::string_view ns, const WatchOptions& options) {
  Query query{collection_path(resource, ns)};
  query.with("watch", "1")
      .with("allowWatchBookmarks", "true")
      .with("labelSelector", options.label_selector)
      .with("fieldSelector", options.field_selector)
      .with("resourceVersion", options.resource_version)
      .with("resourceVersionMatch", options.initial_events ? "NotOlderThan" : "")
      .with("sendInitialEvents", options.initial_events ? "true" : "")
      .with("timeoutSeconds", std::to_string(options.timeout.count()));
  http::Request request = bare(http::Method::get, std::move(query).target());
  request.timeout = Millis{0};
  request.idle_timeout = options.timeout + kWatchGrace;
  return request;
}

http::Request get(const Resource& resource, const ObjectKey& key) {
  return bare(http::Method::get, object_path(resource, key));
}

http::Request pod_log(const ObjectKey& pod, std::string_view container, std::int64_t most_bytes) {
  Query query{object_path(kPods, pod, "log")};
  query.with("container", container).with("limitBytes", std::to_string(most_bytes));
  http::Request request = bare(http::Method::get, std::move(query).target());
  request.headers.front().second = "application/json, */*";  // an error is JSON
  return request;
}

http::Request create(const Resource& resource, std::string_view ns, const json& object) {
  return with_body(http::Method::post, collection_path(resource, ns), "application/json", object);
}

http::Request update(const Resource& resource, const ObjectKey& key, const json& object, std::string_view subresource) {
  return with_body(http::Method::put, object_path(resource, key, subresource), "application/json", object);
}

http::Request merge_patch(const Resource& resource, const ObjectKey& key, const json& patch,
                          std::string_view subresource) {
  return with_body(http::Method::patch, object_path(resource, key, subresource), "application/merge-patch+json", patch);
}

http::Request strategic_merge_patch(const Resource& resource, const ObjectKey& key, const json& patch,
                                    std::string_view subresource) {
  return with_body(http::Method::patch, object_path(resource, key, subresource),
                   "application/strategic-merge-patch+json", patch);
}

http::Request json_patch(const Resource& resource, const ObjectKey& key, const json& operations,
                         std::string_view subresource) {
  return with_body(http::Method::patch, object_path(resource, key, subresource), "application/json-patch+json",
                   operations);
}

http::Request apply(const Resource& resource, const ObjectKey& key, const json& object, std::string_view field_manager,
                    std::string_view subresource) {
  Query query{object_path(resource, key, subresource)};
  query.with("fieldManager", field_manager).with("force", "true");
  // JSON is YAML; the media type is the one that every server version takes.
  return with_body(http::Method::patch, std::move(query).target(), "application/apply-patch+yaml", object);
}

http::Request delete_(const Resource& resource, const ObjectKey& key, const DeleteOptions& options) {
  json body = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  if (!options.uid.empty()) body["preconditions"]["uid"] = options.uid.value;
  if (!options.resource_version.empty()) body["preconditions"]["resourceVersion"] = options.resource_version;
  if (options.grace_seconds) body["gracePeriodSeconds"] = *options.grace_seconds;
  if (!options.propagation.empty()) body["propagationPolicy"] = options.propagation;
  return with_body(http::Method::delete_, object_path(resource, key), "application/json", body);
}

}  // namespace atelier::kube
