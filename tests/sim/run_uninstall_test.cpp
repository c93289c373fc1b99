// The operator is uninstalled under work, which takes its finalizer off all pods, and installed again much later: as
// long as nobody deleted the pods, nothing is lost and nothing runs twice.
#include <gmock/gmock.h>

#include <cstdio>
#include <memory>

#include "atelier/base/log.h"
#include "render/labels.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr Millis kAbsence{300'000};  // longer than the pods are kept

void keep_pods_shortly(SimWorld& world) {
  world.model.patch(kind_of("pipelines"), {kRunKey.ns, "diamond"}, PatchKind::merge,
                    {{"spec", {{"history", {{"podAge", "2m"}}}}}});
}

// As `atelier uninstall` does, whatever has been committed.
void uninstall(SimWorld& world) {
  world.crash();
  for (const Object& pod : world.all("pods")) {
    const json& metadata = (*pod)["metadata"];
    if (!metadata.contains("finalizers")) continue;
    world.model.patch(kind_of("pods"), {kRunKey.ns, metadata["name"].get<std::string>()}, PatchKind::merge,
                      {{"metadata", {{"finalizers", nullptr}}}});
  }
}

TEST(RunUninstall, UnderWorkLosesNothingAsLongAsThePodsStay) {
  log::set_level(log::Level::error);
  for (const std::uint64_t seed : seeds(24)) {
    SCOPED_TRACE("ATELIER_SIM_SEED=" + std::to_string(seed));
    SimRandom chance{seed};
    std::unique_ptr<Timer> leaves;
    std::unique_ptr<Timer> returns;
    Ending reference = play(seed, keep_pods_shortly);
    Ending ending = play(seed, [&](SimWorld& world) {
      keep_pods_shortly(world);
      const Millis when = chance.between(Millis{4'000}, Millis{12'000});
      leaves = world.loop.after(when, [&world] { uninstall(world); });
      returns = world.loop.after(when + kAbsence, [&world] { world.start_operator(); });
    });
    forget_publishes(reference);
    forget_publishes(ending);
    expect_same(reference, ending);
    if (HasFailure()) {
      std::puts(ending.trace.c_str());
      return;
    }
  }
}

}  // namespace
}  // namespace atelier::sim
