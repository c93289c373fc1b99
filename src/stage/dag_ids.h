// The dag_ids that a Python file spells out: best effort, since Python may compute any.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "stage/python_source.h"

namespace atelier::stage {

// Whether Airflow looks for DAGs in such a file at all (its safe mode, which is the default): it has both words.
bool may_hold_dags(std::string_view source);

// Airflow's own rule: at most 250 letters, digits, dashes, dots and underscores. Letters beyond ASCII are not told from
// signs.
bool may_be_dag_id(std::string_view text);

// DAG("id"), DAG(dag_id="id"), @dag("id"), @dag(dag_id="id") and @dag above `def id(`; plain literals only.
// Not within a function: nobody knows whether it is called, and tests have such a DAG each.
std::set<std::string> dag_ids(const std::vector<PythonToken>& tokens);

}  // namespace atelier::stage
