// For a minute the API server answers requests of all kinds by errors; some it has performed nevertheless. The run
// must end as if nothing had happened.
#include <gmock/gmock.h>

#include <cstdio>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "atelier/base/log.h"
#include "sim/refusal.h"
#include "sim/run_story.h"

namespace atelier::sim {
namespace {

constexpr Millis kTrouble{60'000};
constexpr Millis kSettle{180'000};

http::Response plain(int status, const std::string& text, http::Headers headers = {}) {
  headers.emplace_back("content-type", "text/plain; charset=utf-8");
  return {status, std::move(headers), text};
}

bool any(const http::Request&) { return true; }
bool is_write(const http::Request& request) { return request.method != http::Method::get; }
bool creates_a_pod(const http::Request& request) {
  return request.method == http::Method::post && request.target.ends_with("/pods");
}

struct Trouble {
  const char* name;
  double probability;
  bool (*concerns)(const http::Request&);
  http::Response answer;
  bool performed = false;  // some writes are performed nevertheless
};

void PrintTo(const Trouble& trouble, std::ostream* out) { *out << trouble.name; }

const std::vector<Trouble>& troubles() {
  static const std::vector<Trouble> all{
      {"throttled", 0.3, any, plain(429, "Too many requests, please try again later.\n", {{"retry-after", "1"}})},
      {"internalError", 0.2, any, Refusal{500, "InternalError", "etcdserver: request timed out"}.response(), true},
      {"unavailable", 0.2, any, plain(503, "Service Unavailable\n"), true},
      {"down", 1.0, any, plain(503, "apiserver not ready\n", {{"retry-after", "1"}})},
      {"conflict", 0.3, is_write, conflict("resourcequotas \"team\"", "the object has been modified").response()},
      {"podsForbidden", 1.0, creates_a_pod,
       Refusal{403, "Forbidden", "pods \"a\" is forbidden: exceeded quota: team"}.response()},
  };
  return all;
}

class RunError : public ::testing::TestWithParam<Trouble> {
 protected:
  static void SetUpTestSuite() { log::set_level(log::Level::error); }
};

TEST_P(RunError, EndsTheSame) {
  for (const std::uint64_t seed : seeds(6)) {
    SCOPED_TRACE("ATELIER_SIM_SEED=" + std::to_string(seed));
    SimRandom chance{seed};
    const Trouble& given = GetParam();
    const Millis begin = chance.between(Millis{0}, Millis{15'000});
    const Ending reference = play(seed);
    const Ending ending = play(
        seed,
        [&](SimWorld& world) {
          world.network.set_errors([&, begin](const http::Request& request, Phase phase) {
            const bool now = world.loop.elapsed() >= begin && world.loop.elapsed() < begin + kTrouble;
            const bool meant =
                given.concerns(request) && (phase == Phase::before || (given.performed && is_write(request)));
            return now && meant && chance.chance(given.probability) ? std::optional(given.answer) : std::nullopt;
          });
        },
        kSettle);
    expect_same(reference, ending);
    if (HasFailure()) {
      std::puts(ending.trace.c_str());
      return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(With, RunError, ::testing::ValuesIn(troubles()),
                         [](const auto& given) { return std::string(given.param.name); });

}  // namespace
}  // namespace atelier::sim
