#include "integration/model/both_servers.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/source_dir.h"

namespace atelier::model {

using nlohmann::json;

void BothServers::SetUp() {
  ASSERT_NO_FATAL_FAILURE(RealCluster::SetUp());
  install_crds();
}

void BothServers::TearDown() {
  // Finalizers would hold them for ever.
  const json nothing = {{"metadata", {{"finalizers", nullptr}}}};
  for (const std::string& ns : namespaces_) {
    for (const std::string& plural : plurals()) {
      const auto list = ask(kube::list(resource_of(plural), ns));
      if (!list) continue;
      for (const json& item : list.value()["items"]) {
        const json& metadata = item["metadata"];
        if (!metadata.contains("finalizers")) continue;
        static_cast<void>(
            ask(kube::merge_patch(resource_of(plural), {ns, metadata["name"].get<std::string>()}, nothing)));
      }
    }
    static_cast<void>(ask(kube::delete_(kube::kNamespaces, {"", ns})));
  }
  RealCluster::TearDown();
}

void BothServers::install_crds() {
  for (const char* plural : {"pipelineruns", "approvals"}) {
    std::ifstream file{testing::source_dir() + "/crds/" + plural + ".yaml"};
    std::ostringstream text;
    text << file.rdbuf();
    const kube::Resource crds{"apiextensions.k8s.io", "v1", "customresourcedefinitions", false};
    http::Request request =
        kube::apply(crds, {"", std::string(plural) + ".atelier.dev"}, json::object(), "atelier-test");
    request.body = text.str();
    const auto applied = ask(std::move(request));
    ASSERT_TRUE(applied) << applied.error().message;
    ASSERT_TRUE(ask_until([&] { return kube::list(resource_of(plural), ns_); }));
  }
}

std::string BothServers::make_namespace(Modelled& modelled) {
  const std::string ns = ns_ + "-" + std::to_string(namespaces_.size() + 1);
  const json metadata = {{"metadata", {{"name", ns}}}};
  const auto made = ask(kube::create(kube::kNamespaces, "", metadata));
  if (!made) throw std::runtime_error(made.error().message);
  namespaces_.push_back(ns);
  // Without it no pod is taken; the cluster makes it too, maybe sooner.
  const kube::Resource accounts{"", "v1", "serviceaccounts", true};
  static_cast<void>(ask(kube::create(accounts, ns, {{"metadata", {{"name", "default"}}}})));
  const ObjectKey certificates{ns, "kube-root-ca.crt"};
  if (!ask_until([&] { return kube::get(kube::kConfigMaps, certificates); })) {
    throw std::runtime_error("no certificates in " + ns);
  }
  json map = ask(kube::get(kube::kConfigMaps, certificates)).value();
  map["metadata"].erase("resourceVersion");
  modelled.api.create(sim::kind_of("configmaps"), ns, map);
  modelled.api.compact();  // as the cluster's will have forgotten its beginnings
  return ns;
}

http::Response BothServers::send(http::Request request) {
  std::optional<Result<http::Response>> answer;
  const auto call = port_->send(std::move(request), [&](Result<http::Response> r) { answer = std::move(r); });
  if (!within_reason([&] { return answer.has_value(); })) throw std::runtime_error("no answer");
  if (!*answer) throw std::runtime_error(answer->error().message);
  return std::move(*answer).value();
}

}  // namespace atelier::model
