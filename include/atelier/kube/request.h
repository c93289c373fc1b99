// Requests to the API server, built without sending them.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "atelier/base/ids.h"
#include "atelier/http/port.h"
#include "atelier/kube/resource.h"

namespace atelier::kube {

inline constexpr Millis kRequestTimeout{30'000};  // of everything but lists and watches
inline constexpr Millis kListTimeout{120'000};

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  int limit = 0;                 // 0: everything in one page
  std::string continue_token;    // of the page before
  std::string resource_version;  // empty: the most recent; left out when there is a continue_token
};

struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  std::chrono::seconds timeout{300};  // after which the server ends the watch
  // Begin with the objects that are there, as ADDED events, and a bookmark that says so (KEP-3157, Kubernetes 1.34).
  bool initial_events = false;
};

struct DeleteOptions {
  Uid uid;                           // precondition; empty: none
  std::string resource_version;      // precondition; empty: none
  std::optional<int> grace_seconds;  // absent: the object's own
  std::string propagation;           // Background, Foreground or Orphan; empty: the resource's own
};

// An empty `ns` means all namespaces.
http::Request list(const Resource& resource, std::string_view ns, const ListOptions& options = {});
// With bookmarks. The client gives up five seconds after the server should have ended it.
http::Request watch(const Resource& resource, std::string_view ns, const WatchOptions& options);
http::Request get(const Resource& resource, const ObjectKey& key);
// The first bytes of what a container of a pod wrote. The answer is a text, not an object.
http::Request pod_log(const ObjectKey& pod, std::string_view container, std::int64_t most_bytes);
// POST to the collection of `ns`; the name is in `object`.
http::Request create(const Resource& resource, std::string_view ns, const nlohmann::json& object);
// PUT; metadata.resourceVersion in `object`, if any, is the precondition.
http::Request update(const Resource& resource, const ObjectKey& key, const nlohmann::json& object,
                     std::string_view subresource = {});
http::Request merge_patch(const Resource& resource, const ObjectKey& key, const nlohmann::json& patch,
                          std::string_view subresource = {});
// Lists are merged as their type says, by their elements' keys. Of built-in kinds only.
http::Request strategic_merge_patch(const Resource& resource, const ObjectKey& key, const nlohmann::json& patch,
                                    std::string_view subresource = {});
http::Request json_patch(const Resource& resource, const ObjectKey& key, const nlohmann::json& operations,
                         std::string_view subresource = {});
// Server-side apply, forced: what `field_manager` applies is its own.
http::Request apply(const Resource& resource, const ObjectKey& key, const nlohmann::json& object,
                    std::string_view field_manager, std::string_view subresource = {});
http::Request delete_(const Resource& resource, const ObjectKey& key, const DeleteOptions& options = {});

}  // namespace atelier::kube
