#include "cli/run_watch.h"

#include "atelier/api/codec.h"
#include "cli/kinds.h"

namespace atelier::cli {
namespace {

Result<std::shared_ptr<const api::PipelineRun>> decode(std::string_view object) {
  ATELIER_TRY(auto run, api::parse_text<api::PipelineRun>(object));
  return std::make_shared<const api::PipelineRun>(std::move(run));
}

kube::Scope scope_of(const ObjectKey& run) {
  kube::Scope scope;
  scope.resource = kind_for<api::PipelineRun>().resource;
  scope.ns = run.ns;
  scope.field_selector = "metadata.name=" + run.name;
  return scope;
}

}  // namespace

RunWatch::RunWatch(Session& session, const ObjectKey& run, Uid uid, Events events)
    : uid_(std::move(uid)),
      events_(std::move(events)),
      store_(api::PipelineRun::kPlural, decode),
      reflector_(scope_of(run), store_, session.parts().port, session.parts().loop, session.parts().random) {
  store_.on_change([this](const kube::Change<api::PipelineRun>& change) {
    if (change.now && change.now->metadata.uid == uid_) return events_.changed(*change.now);
    events_.gone();
  });
  store_.on_progress([this] {
    if (store_.size() == 0) events_.gone();  // it was before the first list
  });
  reflector_.on_failure([this](const Error& error) { failed(error); });
}

void RunWatch::failed(const Error& error) {
  if (is_final(error)) return events_.refused(error);
  if (events_.disturbed) events_.disturbed();
}

bool is_final(const Error& error) {
  return error.code == Errc::forbidden || error.code == Errc::unauthorized || error.http_status == 404;
}

}  // namespace atelier::cli
