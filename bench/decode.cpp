// What a watched pod costs: an event of about 9 KB through framing and decoding into the operator's cache, against
// parsing the same text with nlohmann-json; and how many bytes a cached pod takes, with its indexes.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "atelier/kube/frame.h"
#include "measure.h"
#include "reconcile/world.h"
#include "task_pods.h"

namespace atelier::bench {
namespace {

constexpr std::size_t kRounds = 15;
constexpr std::size_t kEvents = 2'000;
constexpr std::size_t kCached = 100'000;

std::string event(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

void apply(kube::Cache& cache, kube::Framer& framer, kube::EnvelopeParser& parser, std::string_view bytes) {
  framer.feed(bytes);
  while (const auto line = framer.next()) cache.apply(parser.event(*line).value());
}

// Events of one pod after the other, as a burst brings them.
double decode_round(const std::vector<std::string>& events) {
  reconcile::World world;
  kube::Framer framer;
  kube::EnvelopeParser parser;
  const double began = cpu_micros();
  for (const std::string& bytes : events) apply(world.pods, framer, parser, bytes);
  return (cpu_micros() - began) / static_cast<double>(events.size());
}

double parse_round(const std::vector<std::string>& events) {
  std::size_t fields = 0;
  const double began = cpu_micros();
  for (const std::string& bytes : events) fields += nlohmann::json::parse(bytes).size();
  const double each = (cpu_micros() - began) / static_cast<double>(events.size());
  return fields == 2 * events.size() ? each : 0;
}

double bytes_each(const TaskPods& pods) {
  reconcile::World world;
  kube::Framer framer;
  kube::EnvelopeParser parser;
  const auto used = [] { return static_cast<double>(mallinfo2().uordblks); };
  apply(world.pods, framer, parser, event("ADDED", pods.text(kCached)));  // the parsers' own buffers
  const double before = used();
  for (std::size_t i = 0; i < kCached; ++i) apply(world.pods, framer, parser, event("ADDED", pods.text(i)));
  return (used() - before) / static_cast<double>(kCached);
}

int run() {
  const TaskPods pods;
  std::vector<std::string> events;
  for (std::size_t i = 0; i < kEvents; ++i) events.push_back(event("ADDED", pods.text(i)));
  std::vector<double> decoded, parsed;
  for (std::size_t i = 0; i < kRounds; ++i) {
    parsed.push_back(parse_round(events));
    decoded.push_back(decode_round(events));
  }
  const double ours = median(decoded), theirs = median(parsed);
  std::printf("pod event of %zu bytes into the cache: %.2f us of CPU, parsed by nlohmann-json %.2f us, ratio %.3f\n",
              events.front().size(), ours, theirs, ours / theirs);
  const double cached = bytes_each(pods);
  std::printf("cached pod: %.0f bytes (of %zu pods, with indexes)\n", cached, kCached);
  const bool fast = within("decoding a pod event, as a ratio,", ours / theirs, 0.1);
  return within("a cached pod, in bytes,", cached, 600) && fast ? 0 : 1;
}

}  // namespace
}  // namespace atelier::bench

int main() { return atelier::bench::run(); }
