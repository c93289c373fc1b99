// The dag_ids of what is live, from its files.
#pragma once

#include "stage/live.h"
#include "stage/preflight.h"

namespace atelier::stage {

// None if nothing of Atelier's is live. Fails unless every Python file of it could be read: an id that was not seen may
// be one that Airflow shows. What Python keeps beside its modules under another user does not count.
Result<DagIds> dag_ids_of_live(const Folder& releases, const Live& live);

}  // namespace atelier::stage
