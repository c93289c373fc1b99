// What the domain's Airflow found in a team's DAGs, whose code may have written anything there instead.
#include "stage/airflow_dags.h"

#include "fuzz/property.h"
#include "stage/dag_id_list.h"
#include "stage/dag_ids.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  using fuzz::holds;
  const std::string_view text = fuzz::text_of(data, size);
  const auto read = stage::parse_airflow_dags(text, "/dag-ids/found.json");
  if (!read) {
    holds(fuzz::is_utf8(read.error().message) && !read.error().message.empty(), "a refusal can be told");
    return 0;
  }
  holds(read->files.size() <= stage::kMaxDagIds, "there are no more than may be");
  stage::DagIds ids;
  for (const auto& [id, file] : read->files) {
    holds(stage::may_be_dag_id(id), "an id is one that Airflow may have");
    ids.insert(id);
  }
  holds(stage::parse_dag_ids(stage::render(ids)) == ids, "a list is what was written of it");
  return 0;
}
