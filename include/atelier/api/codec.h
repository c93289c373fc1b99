// JSON of the kinds, by their field tables. Parsing applies defaults and ignores unknown fields; wrong types are
// errors that name the field's path. Nothing here does I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "atelier/api/approval.h"
#include "atelier/api/business_domain.h"
#include "atelier/api/data_domain.h"
#include "atelier/api/pipeline.h"
#include "atelier/api/pipeline_run.h"
#include "atelier/api/workspace.h"
#include "atelier/base/result.h"

namespace atelier::api {

// T is one of the six kinds, RunPlan, or one of their Spec and Status structs.
// Error: invalid, with a message such as "spec.tasks[2].retry.limit: is a string, should be an integer".
template <class T>
Result<T> parse(const nlohmann::json& document);
template <class T>
Result<T> parse_text(std::string_view document);

// All that keeps parse() from succeeding, one sentence each, as in its error; empty when it succeeds.
template <class T>
std::vector<std::string> mistakes(const nlohmann::json& document);

// The paths of fields that no table knows, as in "spec.tasks[0].comand"; what has another shape is skipped.
template <class T>
std::vector<std::string> unknown_fields(const nlohmann::json& document);

// Absent optionals, empty strings, maps and lists, and values equal to the default are left out, but for fields
// the table marks as always written. serialize(parse(x)) is a fixed point.
template <class T>
nlohmann::json serialize(const T& value);

}  // namespace atelier::api
