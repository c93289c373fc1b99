#include "sim/campaign/faults.h"

#include <array>

#include "render/labels.h"
#include "sim/refusal.h"

namespace atelier::sim {
namespace {

using nlohmann::json;

constexpr std::array kShown{"pipelineruns", "pods",       "controllerrevisions", "pipelines",
                            "approvals",    "workspaces", "businessdomains"};

bool creates_a_pod(const http::Request& request) {
  return request.method == http::Method::post && request.target.ends_with("/pods");
}

}  // namespace

Faults::Weather::Weather(SimRandom& chance)
    : tardy(chance.chance(0.5)),
      crashes(chance.chance(0.6)),
      restarts(chance.chance(0.4)),
      lost(chance.chance(0.5) ? chance.unit() * 0.08 : 0),
      late(tardy && chance.chance(0.7) ? chance.unit() * 0.03 : 0),
      erroneous(chance.chance(0.5) ? chance.unit() * 0.06 : 0),
      storms(chance.chance(0.3)),
      quota(chance.chance(0.3)),
      stale(chance.chance(0.6)),
      breaks(chance.chance(0.5)),
      rivals(tardy && chance.chance(0.6)),
      evictions(chance.chance(0.4)),
      deletions(chance.chance(0.6)) {}

Faults::Faults(SimWorld& world, std::uint64_t seed, Bother bother)
    : world_(world), chance_(seed), bother_(std::move(bother)), weather_(chance_) {}

void Faults::begin() {
  if (weather_.rivals) world_.start_operator();
  world_.network.set_hook([this](const http::Request&, std::size_t, Phase phase) { return fate(phase); });
  world_.network.set_errors([this](const http::Request& request, Phase phase) { return error(request, phase); });
  next();
}

void Faults::end() {
  timer_.reset();
  world_.network.set_hook({});
  world_.network.set_errors({});
}

Fate Faults::fate(Phase phase) {
  if (crash_next_ && chance_.chance(0.5)) {  // before it or after it
    crash_next_ = false;
    ++count_;
    world_.crash_soon();
    return phase == Phase::before && weather_.tardy && chance_.chance(0.5) ? Fate::late : Fate::lose;
  }
  if (phase == Phase::before && chance_.chance(weather_.late)) {
    ++count_;
    return Fate::late;
  }
  if (!chance_.chance(weather_.lost / 2)) return Fate::deliver;
  ++count_;
  return Fate::lose;
}

std::optional<http::Response> Faults::error(const http::Request& request, Phase phase) {
  if (phase == Phase::after && request.method == http::Method::get) return std::nullopt;
  if (phase == Phase::before && creates_a_pod(request) && world_.loop.now() < quota_until_) {
    ++count_;
    return Refusal{403, "Forbidden", "pods \"a\" is forbidden: exceeded quota: team"}.response();
  }
  const bool storm = world_.loop.now() < storm_until_ && chance_.chance(0.5);
  if (!storm && !chance_.chance(weather_.erroneous / 2)) return std::nullopt;
  ++count_;
  if (phase == Phase::after || chance_.chance(0.5)) return Refusal{500, "InternalError", "etcd timed out"}.response();
  http::Response busy = Refusal{429, "TooManyRequests", "try again later"}.response();
  busy.headers.emplace_back("retry-after", "1");
  return busy;
}

void Faults::next() {
  timer_ = world_.loop.after(chance_.between(Millis{100}, Millis{1'500}), [this] {
    happen();
    next();
  });
}

void Faults::happen() {
  const auto is = [this](bool in_weather, double probability) {
    const bool now = in_weather && chance_.chance(probability);
    if (now) ++count_;
    return now;
  };
  const SteadyTime now = world_.loop.now();
  if (is(weather_.crashes, 0.15)) crash_next_ = true;
  if (is(weather_.restarts, 0.05)) world_.restart_soon();
  if (is(weather_.storms, 0.08)) storm_until_ = now + chance_.between(Millis{1'000}, Millis{10'000});
  if (is(weather_.quota, 0.1)) quota_until_ = now + chance_.between(Millis{1'000}, Millis{10'000});
  if (is(weather_.breaks, 0.3)) {
    if (chance_.chance(0.5)) world_.model.compact();
    world_.note("== all watches break");
    world_.network.break_watches("broken");
  }
  if (is(weather_.stale, 0.4)) {
    const char* const late = kShown[chance_.next() % kShown.size()];
    world_.note(std::string("== late: ") + late);
    world_.network.lag(late, world_.model.store().version(), chance_.between(Millis{100}, Millis{20'000}));
  }
  if (is(weather_.rivals, 0.08) && world_.running() != nullptr) {
    world_.note("== cut off: " + world_.eldest());
    world_.network.cut(world_.eldest(), chance_.between(Millis{500}, Millis{25'000}));
  }
  lose_pods();
  bother_(chance_);
}

void Faults::lose_pods() {
  const bool all = weather_.evictions && chance_.chance(0.03);
  for (const Object& object : world_.all("pods")) {
    const json& metadata = (*object)["metadata"];
    if (metadata["labels"].value(render::kComponent, "") != render::kTask) continue;
    if (weather_.evictions && (all || chance_.chance(0.01)) && world_.node.evict(metadata["uid"].get<std::string>())) {
      ++count_;
      world_.note("== evicted: " + metadata["name"].get<std::string>());
    }
    // One that has failed and is deleted before it was looked at would count as deleted.
    const bool may_go = (*object)["status"]["phase"] != "Failed" && !metadata.contains("deletionTimestamp");
    if (!weather_.deletions || !may_go || !chance_.chance(0.02)) continue;
    ++count_;
    world_.note("== deleted: " + metadata["name"].get<std::string>());
    world_.model.remove(kind_of("pods"),
                        {metadata["namespace"].get<std::string>(), metadata["name"].get<std::string>()}, {});
  }
}

}  // namespace atelier::sim
