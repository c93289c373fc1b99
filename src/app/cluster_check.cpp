#include "app/cluster_check.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "app/list_remedy.h"
#include "atelier/api/shared_types.h"
#include "atelier/base/log.h"
#include "atelier/kube/request.h"
#include "atelier/kube/status_error.h"
#include "reconcile/cluster_needs.h"

namespace atelier::app {
namespace {

http::Request at(const std::string& path) {
  http::Request request = kube::get(kube::kNamespaces, {"", "any"});
  request.target = path;
  return request;
}

}  // namespace

ClusterCheck::ClusterCheck(http::Port& port, Loop& loop, Random& random) : port_(port), loop_(loop), backoff_(random) {}

void ClusterCheck::start() { ask_version(); }

void ClusterCheck::ask_version() {
  call_ = port_.send(at("/version"), [this](const Result<http::Response>& response) {
    const auto version = kube::answer_of(response);
    if (!version && version.error().code == Errc::transport) return ask_again();
    const std::string too_old = version ? reconcile::too_old(version.value()) : "";
    if (too_old.empty()) return ask_kinds();
    found(too_old, upgrade_of_cluster());
    ask_again();
  });
}

void ClusterCheck::ask_kinds() {
  const std::string path = std::string("/openapi/v3/apis/") + api::kGroup + "/" + api::kVersion;
  call_ = port_.send(at(path), [this](const Result<http::Response>& response) {
    const auto openapi = kube::answer_of(response);
    if (!openapi && openapi.error().code == Errc::transport) return ask_again();
    const std::string older = openapi ? reconcile::older_kinds(openapi.value()) : "";
    found(older, install_of_kinds());
    // Kinds that are not served are told of by their lists; they may come, and be older ones.
    const bool may_come = !openapi && openapi.error().code != Errc::forbidden;
    if (!older.empty() || may_come) ask_again();
  });
}

void ClusterCheck::found(const std::string& wrong, const std::string& remedy) {
  std::string now = wrong.empty() ? "" : wrong + "; " + remedy;
  if (now == std::exchange(failure_, now) || wrong.empty()) return;
  log::error("the cluster is not what this version needs", {{"found", wrong}, {"remedy", remedy}});
}

void ClusterCheck::ask_again() {
  again_ = loop_.after(backoff_.next(loop_.now()), [this] { ask_version(); });
}

}  // namespace atelier::app
