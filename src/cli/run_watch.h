// One run, kept current while the loop runs: by a list and a watch, never by asking again and again.
#pragma once

#include <functional>

#include "atelier/api/pipeline_run.h"
#include "atelier/kube/reflector.h"
#include "atelier/kube/store.h"
#include "cli/refusals.h"
#include "cli/session.h"

namespace atelier::cli {

class RunWatch {
 public:
  struct Events {
    std::function<void(const api::PipelineRun&)> changed;
    std::function<void()> gone;                 // deleted, or another of its name
    std::function<void(const Error&)> refused;  // this will not pass by itself: no permission, no such kind
    std::function<void()> disturbed;            // the connection is lost; it is opened again
  };

  // Borrows the session. Idle until start().
  RunWatch(Session& session, const ObjectKey& run, Uid uid, Events events);

  void start() { reflector_.start(); }

 private:
  void failed(const Error& error);

  Session& session_;
  Uid uid_;
  Events events_;
  Refusals refusals_;
  kube::Store<api::PipelineRun> store_;
  kube::Reflector reflector_;
};

}  // namespace atelier::cli
