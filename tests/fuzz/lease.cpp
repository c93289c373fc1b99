// A Lease that anybody may have written: a record that can be written again, and a decision about it.
#include "atelier/kube/lease.h"

#include <limits>

#include "fuzz/property.h"

namespace {

class Half final : public atelier::Random {
 public:
  std::uint64_t next() override { return std::numeric_limits<std::uint64_t>::max() / 2; }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  const nlohmann::json object = nlohmann::json::parse(fuzz::text_of(data, size), nullptr, false);
  if (object.is_discarded()) return 0;
  kube::LeaseRecord record = kube::lease_record_of(object);
  const kube::LeaseRecord again = kube::lease_record_of(kube::lease_object({"ns", "lease"}, record));
  fuzz::holds(kube::lease_patch(record)["metadata"]["resourceVersion"] == record.resource_version,
              "a patch is guarded");
  const std::string version = std::exchange(record.resource_version, "");
  fuzz::holds(again == record, "a record is what was written of it");
  record.resource_version = version;
  Half random;
  kube::LeaseFsm candidate{"me", {}, random};
  candidate.start();
  const SteadyTime now{std::chrono::hours{1'000'000}};
  const auto action = candidate.was_read(now, WallTime{}, record);
  const bool claims = std::holds_alternative<kube::LeaseFsm::Update>(action);
  fuzz::holds(claims || std::holds_alternative<kube::LeaseFsm::Wait>(action), "a lease is claimed or waited for");
  fuzz::holds(claims == (record.holder.empty() || record.holder == "me" || record.duration_seconds <= 0),
              "what is held is not claimed at once");
  if (claims) candidate.was_written(now, record);
  candidate.waited(now + std::chrono::seconds{1}, WallTime{});
  return 0;
}
