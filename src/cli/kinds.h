// The kinds as people name them on the command line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "atelier/base/result.h"
#include "atelier/kube/resource.h"

namespace atelier::cli {

struct KindName {
  std::string kind;                  // PipelineRun
  std::string singular;              // run: what help and messages say
  std::string plural;                // runs
  std::vector<std::string> aliases;  // all others that are taken, in lower case
  kube::Resource resource;

  std::string full_name() const;  // pipelinerun.atelier.dev, as kubectl prints it
};

const std::vector<KindName>& kind_names();

// "run", "runs", "plr", "PipelineRun", "pipelineruns.atelier.dev". Error: invalid, naming the kinds.
Result<const KindName*> kind_of(std::string_view name);

// The one of an api type, by its kKind. REQUIRES that it is one of the six.
const KindName& kind_named(std::string_view kind);

template <class T>
const KindName& kind_for() {
  return kind_named(T::kKind);
}

}  // namespace atelier::cli
