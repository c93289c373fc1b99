#include "cli/event.h"

#include "atelier/kube/request.h"

namespace atelier::cli {
namespace {

std::vector<Event> listed(Session& session, const std::string& ns, const std::string& selector) {
  kube::ListOptions options;
  options.field_selector = selector;
  const auto list = session.ask(kube::list(kube::kEvents, ns, options));
  return list ? kube::read_events(list.value()) : std::vector<Event>{};
}

}  // namespace

std::vector<Event> events_about(Session& session, const std::string& ns, const Uid& uid) {
  return listed(session, ns.empty() ? "default" : ns, "involvedObject.uid=" + uid.value);
}

std::vector<Event> events_of_pod(Session& session, const std::string& ns, const std::string& pod) {
  return listed(session, ns, "involvedObject.kind=Pod,involvedObject.name=" + pod);
}

}  // namespace atelier::cli
