#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "atelier/kube/request.h"
#include "atelier/yaml/document.h"
#include "cli/drawing.h"
#include "cli/manifests.h"
#include "cli/objects.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/verbs.h"
#include "reconcile/revision_record.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

struct Asked {
  std::string what;
  std::string format = "rails";
};

struct Drawn {
  std::string title;
  std::vector<DrawnTask> tasks;
};

bool is_file(const std::string& what) {
  std::error_code ignored;
  return what == "-" || what.ends_with(".yaml") || what.ends_with(".yml") || what.ends_with(".json") ||
         (std::filesystem::exists(what, ignored) && !std::filesystem::is_directory(what, ignored));
}

bool is_of_kind(const yaml::Document& document, const char* kind) {
  return document.value.is_object() && document.value.value("kind", json()) == kind;
}

// With the line of the field that the message begins with, or else of the tasks.
Error at_line(const std::string& file, const yaml::Document& document, const Error& error) {
  const bool names_field = error.message.starts_with("metadata.") || error.message.starts_with("spec.");
  const int line = document.line_of(names_field ? error.message.substr(0, error.message.find(": ")) : "spec.tasks");
  return invalid(file + ":" + std::to_string(line) + ": " + error.message);
}

Result<std::vector<Drawn>> from_files(const std::string& path, Terminal& terminal) {
  ATELIER_TRY(const auto manifests, read_manifests({path}, terminal.in));
  std::vector<Drawn> out;
  for (const Manifest& manifest : manifests) {
    const auto documents = yaml::parse(manifest.text);
    if (!documents) return invalid(manifest.file + ": " + documents.error().message);
    for (const yaml::Document& document : documents.value()) {
      for (const yaml::Document& item :
           is_of_kind(document, "List") ? yaml::items_of(document) : std::vector{document}) {
        if (!is_of_kind(item, api::Pipeline::kKind)) continue;
        const auto pipeline = api::parse<api::Pipeline>(item.value);
        if (!pipeline) return at_line(manifest.file, item, pipeline.error());
        auto tasks = drawn_tasks(pipeline.value().spec, nullptr);
        if (!tasks) return at_line(manifest.file, item, tasks.error());
        out.push_back({pipeline.value().metadata.name, std::move(tasks).value()});
      }
    }
  }
  if (out.empty()) return invalid(path + ": there is no Pipeline in it");
  return out;
}

// What the run executes; where that may not be read, the pipeline as it is now.
Result<api::PipelineSpec> spec_of(Session& session, const api::PipelineRun& run, Terminal& terminal) {
  if (run.status.pin) {
    const auto body = session.read(kube::get(kube::kControllerRevisions, {session.ns(), run.status.pin->revision}));
    if (body) {
      const auto revision = reconcile::decode_revision(body.value());
      if (revision) return revision.value()->plan.pipeline;
    }
    terminal.err << "what the run executes cannot be read; this is its pipeline as it is now\n";
  }
  ATELIER_TRY(const api::Pipeline pipeline, fetch_as<api::Pipeline>(session, run.spec.pipeline.name));
  return pipeline.spec;
}

Result<Drawn> of_run(Session& session, const std::string& name, Terminal& terminal) {
  ATELIER_TRY(const api::PipelineRun run, fetch_as<api::PipelineRun>(session, name));
  ATELIER_TRY(const api::PipelineSpec spec, spec_of(session, run, terminal));
  ATELIER_TRY(auto tasks, drawn_tasks(spec, &run.status));
  return Drawn{name, std::move(tasks)};
}

Result<Drawn> of_pipeline(Session& session, const std::string& name) {
  ATELIER_TRY(const api::Pipeline pipeline, fetch_as<api::Pipeline>(session, name));
  ATELIER_TRY(auto tasks, drawn_tasks(pipeline.spec, nullptr));
  return Drawn{name, std::move(tasks)};
}

// "run/NAME" and "pipeline/NAME", or a name: a pipeline's, else a run's.
Result<Drawn> from_cluster(Session& session, const std::string& what, Terminal& terminal) {
  const std::size_t slash = what.find('/');
  if (slash != std::string::npos) {
    ATELIER_TRY(const KindName* kind, kind_of(what.substr(0, slash)));
    if (kind->kind == api::PipelineRun::kKind) return of_run(session, what.substr(slash + 1), terminal);
    if (kind->kind == api::Pipeline::kKind) return of_pipeline(session, what.substr(slash + 1));
    return invalid("a " + kind->singular + " has no graph; runs and pipelines have");
  }
  auto pipeline = of_pipeline(session, what);
  if (pipeline || pipeline.error().code != Errc::not_found) return pipeline;
  auto run = of_run(session, what, terminal);
  if (run || run.error().code != Errc::not_found) return run;
  return Error{Errc::not_found,
               "there is neither a pipeline nor a run nor a file \"" + what + "\"; see: atelier get pipelines"};
}

void print(const std::vector<Drawn>& all, const std::string& format, Terminal& terminal) {
  for (const Drawn& one : all) {
    if (format == "dot") {
      terminal.out << dot(one.tasks, one.title);
    } else if (format == "svg") {
      terminal.out << svg(one.tasks, one.title);
    } else {
      if (all.size() > 1) terminal.out << terminal.styled(printable(one.title), Style::strong) << "\n";
      terminal.out << rails(one.tasks, terminal);
    }
  }
}

Result<int> run(const Asked& asked, const Program::Open& open, Terminal& terminal) {
  std::vector<Drawn> all;
  if (is_file(asked.what)) {
    ATELIER_TRY(all, from_files(asked.what, terminal));
  } else {
    ATELIER_TRY(const auto session, open());
    ATELIER_TRY(Drawn one, from_cluster(*session, asked.what, terminal));
    all.push_back(std::move(one));
  }
  if (asked.format == "svg" && all.size() > 1) return invalid("there are several pipelines; SVG is of one");
  print(all, asked.format, terminal);
  return kDone;
}

}  // namespace

void add_graph(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("graph", "Draw the tasks of a pipeline, of a file, or of a run with their states.",
                  [asked, &program](const Program::Open& open) { return run(*asked, open, program.terminal()); });
  verb.add_option("WHAT", asked->what, "A pipeline, a run, run/NAME, or a file; - is standard input")->required();
  verb.add_option("-o,--output", asked->format, "The form; rails without it")
      ->type_name("FORM")
      ->check(CLI::IsMember({"rails", "dot", "svg"}));
}

}  // namespace atelier::cli
