#include "cli/new_run.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "atelier/api/codec.h"
#include "atelier/api/validate.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

json manifest(const std::string& ns, const std::string& name, const std::string& pipeline,
              const api::PipelineRunSpec& spec) {
  json metadata = {{"namespace", ns}};
  if (name.empty()) {
    metadata["generateName"] = pipeline.substr(0, api::kLongestRunName - 6) + "-";
  } else {
    metadata["name"] = name;
  }
  return {{"apiVersion", api::kApiVersion},
          {"kind", api::PipelineRun::kKind},
          {"metadata", std::move(metadata)},
          {"spec", api::serialize(spec)}};
}

}  // namespace

Result<std::map<std::string, std::string>> parse_params(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> out;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return invalid("-p " + text + ": should be NAME=VALUE, as in -p day=2026-01-31");
    }
    const std::string name = text.substr(0, equals);
    if (!out.emplace(name, text.substr(equals + 1)).second) return invalid("-p " + name + " is given twice");
  }
  return out;
}

Result<void> check_name(const std::string& name) {
  if (name.empty() || api::is_object_name(name)) return boost::outcome_v2::success();
  return invalid("--name: \"" + name + "\" can be no run's name: it has small letters, digits, - and . only");
}

bool has_approvals(const api::PipelineSpec& spec) {
  return std::any_of(spec.tasks.begin(), spec.tasks.end(),
                     [](const api::Task& task) { return task.approval.has_value(); });
}

Result<json> new_run(const api::Pipeline& pipeline, const std::string& name,
                     const std::map<std::string, std::string>& params, const std::string& author) {
  api::PipelineRunSpec spec;
  spec.pipeline.name = pipeline.metadata.name;
  spec.params = params;
  if (has_approvals(pipeline.spec)) spec.author = author;
  api::Violations found = api::validate(name, spec);
  for (api::Violation& one : api::validate_params(spec, pipeline.spec)) found.push_back(std::move(one));
  std::string words;
  for (const api::Violation& one : found) words += (words.empty() ? "" : "; ") + one.to_string();
  if (!words.empty()) {
    const bool about_params = words.find("spec.params") != std::string::npos;
    return invalid(words + (about_params ? "; parameters are given as -p NAME=VALUE" : ""));
  }
  return manifest(pipeline.metadata.ns, name, pipeline.metadata.name, spec);
}

Result<json> retry_of(const api::PipelineRun& before, const std::string& author) {
  const std::string& phase = before.status.phase;
  const std::string name = "run \"" + before.metadata.name + "\"";
  if (phase == "Succeeded") {
    return Error{Errc::conflict, name + " succeeded, so there is nothing to retry; to run it again: atelier run " +
                                     before.spec.pipeline.name};
  }
  if (phase != "Failed" && phase != "Cancelled") {
    return Error{Errc::conflict,
                 name + " is not over yet; wait for its end, or: atelier cancel " + before.metadata.name};
  }
  api::PipelineRunSpec spec;
  spec.pipeline = before.spec.pipeline;
  spec.retry_of = api::RunReference{before.metadata.name, before.metadata.uid};
  spec.author = author;
  return manifest(before.metadata.ns, "", before.spec.pipeline.name, spec);
}

}  // namespace atelier::cli
