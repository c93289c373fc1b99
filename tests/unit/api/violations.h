// Violations in a few words, and a Pipeline to break.
#pragma once

#include <string>

#include "atelier/api/validate.h"

namespace atelier::api::testing {

// "reason path: message", one a line.
inline std::string words(const Violations& violations) {
  std::string text;
  for (const Violation& one : violations) text += (text.empty() ? "" : "\n") + one.reason + " " + one.to_string();
  return text;
}

// `first`, and `second` behind it.
inline PipelineSpec two_tasks() {
  PipelineSpec spec;
  spec.workspace.name = "ws";
  spec.tasks.resize(2);
  spec.tasks[0].name = "first";
  spec.tasks[1].name = "second";
  spec.tasks[1].depends_on = {"first"};
  return spec;
}

}  // namespace atelier::api::testing
