// What the garbage collector leaves of random families, when it has come to rest.
#include "sim/garbage.h"

#include <gtest/gtest.h>

#include <set>

#include "integration/model/both_servers.h"
#include "sim/seeds.h"

namespace atelier::model {
namespace {

using nlohmann::json;

constexpr std::uint64_t kFamilies = 4;
constexpr int kMembers = 12;

// Each owned by some that were made before it, by some that never were, or by one that has the name of another.
std::vector<Step> family(sim::SimRandom& random) {
  static const std::vector<std::string> kinds{"configmaps", "controllerrevisions", "pipelineruns"};
  std::vector<Step> steps;
  for (int i = 0; i < kMembers; ++i) {
    Step step;
    step.verb = Verb::create;
    step.plural = kinds[random.next() % kinds.size()];
    step.name = "m-" + std::to_string(i);
    step.body = object_of(step.plural, step.name);
    json owners = json::array();
    for (std::size_t parent = 0; parent < steps.size(); ++parent) {
      if (random.chance(0.15)) owners.push_back(owner(steps[parent].plural, steps[parent].name));
    }
    if (random.chance(0.1)) owners.push_back(owner("configmaps", "never"));
    if (random.chance(0.1) && !steps.empty()) {
      json another = owner(steps[0].plural, steps[0].name);
      another["uid"] = "33333333-3333-4333-8333-333333333333";
      owners.push_back(another);
    }
    if (!owners.empty()) step.body["metadata"]["ownerReferences"] = owners;
    if (random.chance(0.2)) step.body["metadata"]["finalizers"] = {"atelier.dev/one"};
    steps.push_back(std::move(step));
  }
  const std::size_t members = steps.size();
  for (std::size_t i = 0; i < members; ++i) {
    if (!random.chance(0.3)) continue;
    Step step;
    step.verb = Verb::remove;
    step.plural = steps[i].plural;
    step.name = steps[i].name;
    step.propagation = "Background";
    steps.push_back(std::move(step));
  }
  return steps;
}

class Garbage : public BothServers {
 protected:
  // Names, whether they are to go, and otherwise their owners, by plural. Who goes keeps the owners that it had by
  // then.
  static json rest(Side& side, const std::function<http::Response(http::Request)>& ask) {
    json out;
    for (const std::string& plural : plurals()) {
      Step list;
      list.verb = Verb::list;
      list.plural = plural;
      list.fields = "metadata.name!=kube-root-ca.crt";
      const json heard = side.heard(list, ask(side.request(list)));
      for (const json& item : heard["items"]) {
        const json& metadata = item["metadata"];
        json& one = out[plural][metadata["name"].get<std::string>()];
        one["goes"] = metadata.contains("deletionTimestamp");
        if (one["goes"] == false) one["owners"] = metadata.value("ownerReferences", json());
      }
    }
    return out;
  }
};

TEST_F(Garbage, LeavesTheSameOfRandomFamilies) {
  for (const std::uint64_t seed : sim::seeds(kFamilies)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    sim::SimRandom random{seed};
    const std::vector<Step> steps = family(random);
    Modelled modelled;
    const sim::GarbageCollector collector{modelled.api, modelled.loop};
    const std::string ns = make_namespace(modelled);
    Side real{ns};
    Side model{ns};
    const auto ask_model = [&](const http::Request& request) { return modelled.api.handle(request); };
    const auto ask_real = [&](http::Request request) { return send(std::move(request)); };
    for (const Step& step : steps) {
      static_cast<void>(real.heard(step, ask_real(real.request(step))));
      static_cast<void>(model.heard(step, ask_model(model.request(step))));
    }
    modelled.loop.advance(Millis{60'000});
    const json expected = rest(model, ask_model);
    json told = rest(real, ask_real);
    // The garbage collector learns every 30 s which kinds there are.
    for (const SteadyTime end = loop_.now() + std::chrono::seconds{100}; told != expected && loop_.now() < end;) {
      static_cast<void>(await([] { return false; }, Millis{100}));
      told = rest(real, ask_real);
    }
    const bool same = told == expected;
    EXPECT_TRUE(same) << "the server: " << told.dump() << "\nthe model:  " << expected.dump();
    if (!same) {
      for (const Step& step : steps) std::puts(to_text(step).c_str());
      return;
    }
  }
}

}  // namespace
}  // namespace atelier::model
