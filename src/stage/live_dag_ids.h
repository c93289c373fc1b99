// The dag_ids of what is live: what Airflow found in it, else what its files spell out.
#pragma once

#include "stage/found_dag_ids.h"
#include "stage/live.h"

namespace atelier::stage {

// None if nothing of Atelier's is live. Fails unless the list or every Python file of it could be read: an id that was
// not seen may be one that Airflow shows. What Python keeps beside its modules under another user does not count.
Result<DagIds> dag_ids_of_live(const FoundDagIds& found, const Folder& releases, const Live& live);

}  // namespace atelier::stage
