#include "stage/airflow_dags.h"

#include <cerrno>
#include <cstring>

#include "stage/dag_ids.h"
#include "stage/folder.h"
#include "stage/json.h"
#include "stage/mirror.h"
#include "stage/preflight.h"
#include "stage/refusals.h"
#include "stage/utf8.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kShown = 400;  // of a message, so that five leave room for the rest

Failure unreadable(const std::string& why) {
  return {Reason::preflight_failed,
          "what the domain's Airflow found in the DAGs cannot be read: " + why +
              ". DAG files run in the step airflow-dag-ids: look for one that ends the interpreter, or that writes to "
              "/dag-ids."};
}

Result<std::string> read(const std::string& path) {
  auto folder = Folder::open(path.find('/') == std::string::npos ? "." : parent_of(path) + "/");
  if (!folder) return unreadable(printable(path) + ": " + std::strerror(folder.error().code));
  auto text = folder->read_file(name_in(path), kMaxAirflowDagsBytes);
  if (!text && text.error().code == EFBIG) {
    return unreadable(printable(path) + " is larger than " + std::to_string(kMaxAirflowDagsBytes) + " bytes");
  }
  if (!text) return unreadable(printable(path) + ": " + std::strerror(text.error().code));
  return std::move(*text);
}

Result<AirflowDags> dags_of(const Json::Array& items) {
  AirflowDags out;
  for (const Json& item : items) {
    auto id = item.string_at("id");
    auto file = item.string_at("file");
    if (!id || !file) return unreadable("a DAG in it has no id or no file");
    if (!may_be_dag_id(*id)) {
      return unreadable("\"" + printable(utf8_prefix(*id, kShown)) + "\" in it is no dag_id");
    }
    if (out.files.size() < kMaxDagIds || out.files.contains(*id)) {
      out.files.emplace(std::move(*id), std::move(*file));
    } else {
      out.more = true;
    }
  }
  return out;
}

}  // namespace

Result<AirflowDags> read_airflow_dags(const std::string& path) {
  auto text = read(path);
  if (!text) return text.error();
  return parse_airflow_dags(*text, path);
}

Result<AirflowDags> parse_airflow_dags(std::string_view text, const std::string& path) {
  const auto json = Json::parse(text);
  const Json::Array* dags = json ? json->array_at("dags") : nullptr;
  const Json::Array* errors = json ? json->array_at("errors") : nullptr;
  if (!dags || !errors) return unreadable(printable(path) + " is not the document that Atelier's program writes");
  Refusals failed;
  for (const Json& error : *errors) {
    const auto file = error.string_at("file");
    const auto message = error.string_at("message");
    if (!file || !message) return unreadable("an error in it has no file or no message");
    failed.add(*file, std::string(utf8_prefix(printable(*message), kShown)));
  }
  if (!failed.empty()) {
    return Failure{Reason::preflight_failed, "the domain's Airflow cannot import " + failed.text() +
                                                 ". Correct it, or leave the file out with spec.dags.include."};
  }
  return dags_of(*dags);
}

}  // namespace atelier::stage
