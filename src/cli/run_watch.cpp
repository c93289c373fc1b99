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
    : session_(session),
      uid_(std::move(uid)),
      events_(std::move(events)),
      store_(api::PipelineRun::kPlural, decode),
      reflector_(scope_of(run), store_, session.parts().port, session.parts().loop, session.parts().random) {
  store_.on_change([this](const kube::Change<api::PipelineRun>& change) {
    if (change.now && change.now->metadata.uid == uid_) return events_.changed(*change.now);
    events_.gone();
  });
  store_.on_progress([this] {
    refusals_.listed();
    if (store_.size() == 0) events_.gone();  // it was before the first list
  });
  reflector_.on_failure([this](const Error& error) { failed(error); });
}

void RunWatch::failed(const Error& error) {
  if (refusals_.is_final(error, session_.parts().loop.now())) return events_.refused(error);
  const bool usual = error.code == Errc::gone || error.code == Errc::invalid;  // it is listed anew
  if (events_.disturbed && !usual) events_.disturbed();
}

}  // namespace atelier::cli
