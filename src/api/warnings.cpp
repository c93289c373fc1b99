#include "api/warnings.h"

namespace atelier::api {

Violations warnings(const PipelineSpec& spec) {
  Findings found;
  warn_of_scripts(found, spec);
  warn_of_expressions(found, spec);
  return found.take();
}

}  // namespace atelier::api
