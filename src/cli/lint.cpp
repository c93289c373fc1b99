#include "cli/lint.h"

#include <algorithm>
#include <map>

#include "atelier/api/codec.h"
#include "atelier/api/validate.h"
#include "atelier/yaml/document.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

api::Violations rules(const api::Workspace& workspace) { return validate(workspace.metadata.name, workspace.spec); }
api::Violations rules(const api::Pipeline& pipeline) { return validate(pipeline.spec); }
api::Violations rules(const api::PipelineRun& run) { return validate(run.metadata.name, run.spec); }
api::Violations rules(const api::DataDomain& domain) { return validate(domain.spec); }
api::Violations rules(const api::BusinessDomain& domain) { return validate(domain.spec); }
api::Violations rules(const api::Approval& approval) { return validate(approval.spec); }

template <class Kind>
api::Violations warnings(const Kind&) {
  return {};
}
api::Violations warnings(const api::Pipeline& pipeline) { return api::warnings(pipeline.spec); }

class Linter {
 public:
  void read(const Manifest& manifest) {
    auto documents = yaml::parse(manifest.text);
    if (!documents) {
      report_.findings.push_back({manifest.file, 0, "", documents.error().message});
      return;
    }
    for (const yaml::Document& document : documents.value()) check(manifest.file, document);
  }

  Report finish() {
    for (const auto& [file, document, run] : runs_) {
      const auto pipeline = pipelines_.find({run.metadata.ns, run.spec.pipeline.name});
      if (pipeline == pipelines_.end()) continue;
      if (run.spec.retry_of || run.spec.rerun_of) continue;  // it has those of a run that only the cluster knows
      for (const api::Violation& one : validate_params(run.spec, pipeline->second)) add(file, document, one);
    }
    return std::move(report_);
  }

 private:
  struct Run {
    std::string file;
    yaml::Document document;
    api::PipelineRun run;
  };

  void check(const std::string& file, const yaml::Document& document) {
    const json& value = document.value;
    if (!value.is_object()) {
      add(file, document, {"", "", "is no manifest: it has no apiVersion and kind"});
      return;
    }
    const std::string version = text(value, "apiVersion");
    const std::string kind = text(value, "kind");
    if (version == "v1" && kind == "List") {
      for (const yaml::Document& item : yaml::items_of(document)) check(file, item);
      return;
    }
    const bool ours = version.substr(0, version.find('/')) == api::kGroup;
    if (!ours && !(version.empty() && is_kind(kind))) return;
    ++report_.objects;
    if (version != api::kApiVersion) {
      add(file, document,
          {"", "apiVersion",
           (version.empty() ? "is missing" : "is \"" + version + "\"") + ", should be \"" + api::kApiVersion + "\""});
    } else if (!(check_as<api::BusinessDomain>(file, document, kind) ||
                 check_as<api::DataDomain>(file, document, kind) || check_as<api::Workspace>(file, document, kind) ||
                 check_as<api::Pipeline>(file, document, kind) || check_as<api::PipelineRun>(file, document, kind) ||
                 check_as<api::Approval>(file, document, kind))) {
      add(file, document,
          {"", "kind",
           "there is no kind \"" + kind +
               "\"; there are BusinessDomain, DataDomain, Workspace, Pipeline, PipelineRun and Approval"});
    }
  }

  template <class Kind>
  bool check_as(const std::string& file, const yaml::Document& document, const std::string& kind) {
    if (kind != Kind::kKind) return false;
    for (const std::string& path : api::unknown_fields<Kind>(document.value)) {
      add(file, document, {"", path, "there is no such field; see kubectl explain " + std::string(Kind::kPlural)});
    }
    const json* metadata = document.value.contains("metadata") ? &document.value["metadata"] : nullptr;
    if (metadata == nullptr || (text(*metadata, "name").empty() && text(*metadata, "generateName").empty())) {
      add(file, document, {"", "metadata.name", "is missing"});
    }
    const auto parsed = api::parse<Kind>(document.value);
    if (parsed) {
      for (const api::Violation& one : rules(parsed.value())) add(file, document, one);
      for (const api::Violation& one : warnings(parsed.value())) add(file, document, one, true);
      remember(file, document, parsed.value());
      return true;
    }
    for (const std::string& words : api::mistakes<Kind>(document.value)) {
      const std::size_t colon = words.find(": ");
      add(file, document, {"", words.substr(0, colon), words.substr(colon + 2)});
    }
    return true;
  }

  template <class Kind>
  void remember(const std::string& file, const yaml::Document& document, const Kind& value) {
    if constexpr (std::is_same_v<Kind, api::Pipeline>) {
      pipelines_[{value.metadata.ns, value.metadata.name}] = value.spec;
    } else if constexpr (std::is_same_v<Kind, api::PipelineRun>) {
      runs_.push_back({file, document, value});
    }
  }

  static bool is_kind(const std::string& kind) {
    return kind == api::BusinessDomain::kKind || kind == api::DataDomain::kKind || kind == api::Workspace::kKind ||
           kind == api::Pipeline::kKind || kind == api::PipelineRun::kKind || kind == api::Approval::kKind;
  }

  static std::string text(const json& value, const char* name) {
    return value.is_object() && value.contains(name) && value[name].is_string() ? value[name].get<std::string>() : "";
  }

  void add(const std::string& file, const yaml::Document& document, const api::Violation& violation,
           bool warning = false) {
    report_.findings.push_back({file, document.line_of(violation.path), violation.path, violation.message, warning});
  }

  Report report_;
  std::map<ObjectKey, api::PipelineSpec> pipelines_;
  std::vector<Run> runs_;
};

}  // namespace

std::size_t Report::warnings() const {
  return static_cast<std::size_t>(
      std::count_if(findings.begin(), findings.end(), [](const Finding& one) { return one.warning; }));
}

Report lint(const std::vector<Manifest>& manifests) {
  Linter linter;
  for (const Manifest& manifest : manifests) linter.read(manifest);
  return linter.finish();
}

}  // namespace atelier::cli
