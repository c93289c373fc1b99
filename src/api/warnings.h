// What is no mistake yet in a Pipeline, and likely to become one.
#pragma once

#include "api/findings.h"

namespace atelier::api {

// What is inserted into the script of a shell or of Python, and read as code there.
void warn_of_scripts(Findings& found, const PipelineSpec& spec);
// What is compared with a text that it never is, and results that are asked for where there are none.
void warn_of_expressions(Findings& found, const PipelineSpec& spec);

}  // namespace atelier::api
