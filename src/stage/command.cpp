#include "stage/command.h"

#include <algorithm>
#include <array>

#include "stage/arguments.h"
#include "stage/check.h"
#include "stage/copy.h"
#include "stage/install.h"
#include "stage/json.h"
#include "stage/publish.h"
#include "stage/results.h"
#include "stage/roll_back.h"
#include "stage/sha256.h"
#include "stage/storage.h"
#include "stage/sweep.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

using Flags = std::initializer_list<std::string_view>;

Result<Arguments> parse(std::span<const std::string> words, Flags flags, std::size_t positionals = 0) {
  std::vector<std::string_view> known(flags);
  known.push_back("result");
  return Arguments::parse(words, known, positionals);
}

// UIDs of the API server, and nothing that could confuse a log.
bool is_uid(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  });
}

Result<void> run_install(Outcome&, std::span<const std::string> words) {
  auto arguments = parse(words, {}, 1);
  if (!arguments) return arguments.error();
  const std::string destination = arguments->positional("DEST");
  if (auto error = arguments->error()) return *error;
  return install(destination);
}

Result<void> run_copy(Outcome& outcome, std::span<const std::string> words) {
  auto arguments = parse(words, {"from", "to", "include"});
  if (!arguments) return arguments.error();
  CopyRequest request{.from = arguments->required("from"), .to = arguments->required("to")};
  for (const std::string& pattern : arguments->all("include")) {
    if (auto glob = Glob::parse(pattern)) {
      request.include.push_back(std::move(*glob));
    } else {
      arguments->complain("--include " + printable(pattern) + " is not a relative path with *, ? or **");
    }
  }
  if (auto error = arguments->error()) return *error;
  auto copied = copy(request);
  if (!copied) return copied.error();
  outcome.with("files", copied->files).with("bytes", copied->bytes);
  return {};
}

Result<void> run_check(Outcome& outcome, std::span<const std::string> words) {
  auto arguments = parse(words, {"tree", "manifest", "airflow-dags", "max-files", "max-bytes", "max-depth"});
  if (!arguments) return arguments.error();
  CheckRequest request{.tree = arguments->required("tree"),
                       .manifest = arguments->required("manifest"),
                       .airflow_dags = arguments->optional("airflow-dags")};
  request.limits.files = arguments->number("max-files", request.limits.files);
  request.limits.bytes = arguments->number("max-bytes", request.limits.bytes);
  request.limits.depth = arguments->number("max-depth", request.limits.depth);
  if (auto error = arguments->error()) return *error;
  auto checked = check(request);
  if (!checked) return checked.error();
  const Manifest& manifest = checked->manifest;
  outcome.with("release", manifest.release).with("files", manifest.files.size()).with("bytes", manifest.bytes);
  outcome.with("dagIds", checked->python.files.size());
  outcome.with("dagIdsFoundBy", std::string(checked->python.by_airflow ? "Airflow" : "best effort"));
  if (const std::string warning = checked->python.warning(); !warning.empty()) {
    outcome.with("warning", std::string(utf8_prefix(warning, 1024)));
  }
  return {};
}

// What publish and rollback have in common; complaints of the others come with them.
Holder holder_of(Arguments& arguments) {
  Holder holder{.uid = arguments.required("uid"),
                .namespace_name = arguments.dns_label("namespace"),
                .name = arguments.dns_label("workspace"),
                .data_domain = arguments.dns_label("datadomain")};
  if (!holder.uid.empty() && !is_uid(holder.uid)) arguments.complain("--uid is not a UID");
  return holder;
}

void tell(Outcome& outcome, const Published& published) {
  outcome.with("release", published.release).with("files", published.files).with("bytes", published.bytes);
  outcome.with("changed", published.changed).with("adopted", published.adopted).with("pruned", published.pruned);
  if (published.copied) outcome.with("copied", true);
  if (!published.warning.empty()) outcome.with("warning", std::string(utf8_prefix(published.warning, 1024)));
}

Result<void> run_publish(Outcome& outcome, std::span<const std::string> words, long long now) {
  auto arguments = parse(words, {"tree", "manifest", "airflow-dags", "storage", "datadomain", "workspace", "namespace",
                                 "uid", "sequence", "keep-releases", "min-age-seconds", "max-age-seconds"});
  if (!arguments) return arguments.error();
  PublishRequest request{.tree = arguments->required("tree"),
                         .manifest = arguments->required("manifest"),
                         .airflow_dags = arguments->optional("airflow-dags"),
                         .storage = arguments->required("storage"),
                         .holder = holder_of(*arguments),
                         .sequence = arguments->number("sequence"),
                         .now = now};
  request.retention.releases = arguments->number("keep-releases", request.retention.releases);
  request.retention.min_age_seconds = arguments->number("min-age-seconds", request.retention.min_age_seconds);
  if (request.retention.releases == 0) arguments->complain("--keep-releases must be at least 1");
  request.retention.max_age_seconds = arguments->number("max-age-seconds", request.retention.max_age_seconds);
  if (auto error = arguments->error()) return *error;
  auto published = publish(request);
  if (!published) return published.error();
  tell(outcome, *published);
  return {};
}

Result<void> run_rollback(Outcome& outcome, std::span<const std::string> words, long long now) {
  auto arguments = parse(words, {"storage", "datadomain", "workspace", "namespace", "uid", "sequence", "release"});
  if (!arguments) return arguments.error();
  const RollbackRequest request{.storage = arguments->required("storage"),
                                .holder = holder_of(*arguments),
                                .sequence = arguments->number("sequence"),
                                .release = arguments->required("release"),
                                .now = now};
  if (!request.release.empty() && !names_release(request.release)) {
    arguments->complain("--release " + printable(request.release) + " is no release");
  }
  if (auto error = arguments->error()) return *error;
  auto published = roll_back(request);
  if (!published) return published.error();
  tell(outcome, *published);
  return {};
}

Result<void> run_sweep(Outcome& outcome, std::span<const std::string> words) {
  auto arguments = parse(words, {"storage", "remove"});
  if (!arguments) return arguments.error();
  SweepRequest request{.storage = arguments->required("storage"), .remove = {}};
  for (const std::string& word : arguments->all("remove")) {
    const auto equals = std::min(word.find('='), word.size());
    SweptName name{word.substr(0, equals), word.substr(std::min(equals + 1, word.size()))};
    if (!is_dns_label(name.name) || !is_uid(name.uid)) {
      arguments->complain("--remove " + printable(word) + " is not NAME=UID with a DNS label as the name");
    }
    request.remove.push_back(std::move(name));
  }
  if (request.remove.empty()) arguments->complain("--remove is required");
  if (auto error = arguments->error()) return *error;
  auto swept = sweep(request);
  if (!swept) return swept.error();
  outcome.with("removed", swept->removed).with("absent", swept->absent).with("kept", swept->kept);
  if (!swept->first_failure) return {};
  outcome.with("failed", swept->failed);
  return *swept->first_failure;
}

Result<void> run_results(Outcome& outcome, std::span<const std::string> words) {
  outcome.print("");  // the log has the results or nothing
  auto arguments = parse(words, {"file"});
  if (!arguments) return arguments.error();
  const std::string file = arguments->required("file");
  if (auto error = arguments->error()) return *error;
  auto content = hand_on(file);
  if (!content) return content.error();
  Sha256 hash;
  hash.update(*content);
  outcome.with("bytes", content->size()).with("sha256", hex(hash.finish()));
  outcome.print(R"({"results":)" + json_string(*content) + "}\n");
  return {};
}

}  // namespace

const char kHelp[] =
    R"(atelier-stage: brings a workspace's DAGs from its image to the storage of its DataDomain, and hands on
the large results of tasks.

  atelier-stage install DEST
  atelier-stage copy    --from DIR --to DIR [--include GLOB]...
  atelier-stage check   --tree DIR --manifest FILE [--airflow-dags FILE] [--max-files 10000]
                        [--max-bytes 536870912] [--max-depth 32]
  atelier-stage publish --tree DIR --manifest FILE --storage DIR --datadomain KEY --workspace NAME
                        --namespace NS --uid UID --sequence N [--airflow-dags FILE] [--keep-releases 5]
                        [--min-age-seconds 600] [--max-age-seconds N]
  atelier-stage rollback --storage DIR --datadomain KEY --workspace NAME --namespace NS --uid UID --sequence N
                        --release ID
  atelier-stage sweep   --storage DIR --remove NAME=UID [--remove NAME=UID]...
  atelier-stage results --file FILE
  atelier-stage --version | --help

Every step writes one JSON object to --result FILE (default /dev/termination-log) and to standard output. Only results
keeps standard output for one line {"results":"..."}, the content of FILE when SIGTERM or SIGINT says that the task has
ended, at most 262144 bytes.
Exit codes: 0 done, 2 usage, 10 the DAGs or results, 20 the storage, 30 the name or its path is taken, 40 superseded.
)";

Outcome run_command(std::span<const std::string> words, long long now) {
  const std::string command = words.empty() ? "" : words[0];
  const auto rest = words.empty() ? words : words.subspan(1);
  const auto finish = [](Outcome outcome, const Result<void>& done) {
    if (!done) outcome.fail(done.error());
    return outcome;
  };
  const auto step = [&](const char* name, auto run, auto... more) {
    Outcome outcome(name);
    const Result<void> done = run(outcome, rest, more...);
    return finish(std::move(outcome), done);
  };
  if (command == "install") return step("tools", run_install);
  if (command == "copy") return step("stage", run_copy);
  if (command == "check") return step("check", run_check);
  if (command == "publish") return step("publish", run_publish, now);
  if (command == "rollback") return step("publish", run_rollback, now);
  if (command == "sweep") return step("sweep", run_sweep);
  if (command == "results") return step("results", run_results);
  const std::string complaint = command.empty() ? "no command given" : "unknown command " + printable(command);
  return Outcome("usage").fail({Reason::usage_error, complaint + ". See atelier-stage --help."});
}

std::string result_path(std::span<const std::string> words) {
  const auto flag = std::find(words.begin(), words.end(), "--result");
  return flag != words.end() && flag + 1 != words.end() ? *(flag + 1) : kDefaultResultPath;
}

}  // namespace atelier::stage
