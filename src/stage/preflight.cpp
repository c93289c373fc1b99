#include "stage/preflight.h"

#include <cerrno>
#include <utility>

#include "stage/airflow_dags.h"
#include "stage/dag_ids.h"
#include "stage/python_source.h"
#include "stage/source.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

void note_ids(PythonFindings& findings, const std::string& path, const DagIds& ids) {
  for (const std::string& id : ids) {
    if (findings.files.size() == kMaxDagIds && !findings.files.contains(id)) {
      findings.more = true;
      return;
    }
    const auto [first, is_new] = findings.files.emplace(id, path);
    if (!is_new) {
      findings.twice.add(path, "has the dag_id \"" + printable(id) + "\", as " + printable(first->second) + " does");
    }
  }
}

}  // namespace

DagIds ids_of(const std::map<std::string, std::string>& files) {
  DagIds out;
  for (const auto& [id, path] : files) out.insert(id);
  return out;
}

std::string PythonFindings::warning() const {
  std::string out;
  const auto say = [&](const std::string& what) { out += (out.empty() ? "" : "; ") + what; };
  if (unread > 0) {
    say(std::to_string(unread) + " Python files are larger than " + std::to_string(kMaxPythonBytes) +
        " bytes and were not looked at");
  }
  if (uncertain > 0) {
    say(std::to_string(uncertain) +
        " Python files were only looked at in part: the versions of Python differ about them, or they declare another "
        "encoding than UTF-8");
  }
  if (more) say("only " + std::to_string(kMaxDagIds) + " dag_ids are claimed");
  if (!twice.empty()) say("two files have one dag_id, of which Airflow would show either: " + twice.text());
  return out;
}

Result<PythonFindings> inspect_python(const Folder& tree, const std::vector<std::string>& paths) {
  PythonFindings findings;
  for (const std::string& path : paths) {
    if (!path.ends_with(".py")) continue;
    auto text = tree.read_file(path, kMaxPythonBytes);
    if (!text && text.error().code == EFBIG) {
      ++findings.unread;
      continue;
    }
    if (!text) return source_failure(text.error(), tree.path_of(path));
    const PythonSource source = read_python(*text);
    if (!source.certain) ++findings.uncertain;
    if (source.defect) {
      findings.defects.add(path, "line " + std::to_string(source.defect->line) + ": " + source.defect->what);
    } else if (may_hold_dags(*text)) {
      note_ids(findings, path, dag_ids(source.tokens));
    }
  }
  return findings;
}

Result<DagIds> read_dag_ids(const Folder& tree, const std::vector<std::string>& paths) {
  auto findings = inspect_python(tree, paths);
  if (!findings) return findings.error();
  return findings->ids();
}

Result<PythonFindings> preflight(const Folder& tree, const Manifest& manifest, const std::string& airflow_dags) {
  auto findings = inspect_python(tree, paths_of(manifest));
  if (!findings) return findings.error();
  if (!findings->defects.empty()) {
    return Failure{Reason::preflight_failed, "Python cannot read " + findings->defects.text() +
                                                 ". Correct it, or leave the file out with spec.dags.include."};
  }
  if (airflow_dags.empty()) return findings;
  auto dags = read_airflow_dags(airflow_dags);
  if (!dags) return dags.error();
  findings->files = std::move(dags->files);
  findings->more = dags->more;
  findings->twice = {};
  findings->by_airflow = true;
  return findings;
}

}  // namespace atelier::stage
