// Step `publish`: puts a checked tree on the storage and makes it live.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "stage/claim.h"
#include "stage/outcome.h"
#include "stage/prune.h"

namespace atelier::stage {

struct PublishRequest {
  std::string tree;
  std::string manifest;
  std::string airflow_dags{};  // what Airflow found, see airflow_dags.h; empty: ids are those spelled out
  std::string storage;         // the DataDomain's folder
  Holder holder;               // its name is the workspace's
  std::uint64_t sequence = 0;
  Retention retention = {};
  long long now = 0;                                              // seconds since the epoch
  std::chrono::milliseconds patience = std::chrono::seconds(60);  // for another publisher of the name to finish
  Gate gate = nullptr;
};

struct Published {
  std::string release;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  bool changed = false;  // another release is live than before
  bool adopted = false;  // a plain folder was there before, and was kept
  bool copied = false;   // not at once: the storage knows no symbolic links
  std::uint64_t pruned = 0;
  std::string warning{};  // the release is live, but old ones could not be removed
};

// Safe to repeat after any crash: it comes to the same end. At every moment the name shows the whole old or the whole
// new release (but see switch_live about storage that cannot exchange names, or knows no links).
Result<Published> publish(const PublishRequest& request);

}  // namespace atelier::stage
