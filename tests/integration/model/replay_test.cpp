// The simulator's model of the API server is honest: random sequences of requests have the same answers from it as
// from the cluster's, and watches the same events.
//   ATELIER_SIM_SEED=7      only that sequence
//   ATELIER_SIM_COUNT=500   so many sequences, from there on
//
// What is not compared, as the model deliberately has it not:
// - Validation by schema, defaults and admission: the objects are valid and say what would be set by default. A pod's
//   spec and status, most of which are defaults, are only compared where the model acts on them.
// - metadata.managedFields, and the words of refusals: the operator reads neither.
// - Status of Deployments, quotas and namespaces: other programs than the API server write it.
// - Set-based selectors; lists of keys in strategic patches and in server-side apply, but owners: nothing uses them.
// - deletecollection: the operator has no such verb. Whoever else asks for it is to the operator as one deletion after
//   the other, which occur; and so is the end of a namespace.
// - Propagation other than Background, which is all that the operator says. Foreground and Orphan are finalizers of the
//   garbage collector's, which it takes off when it wants; finalizers of others occur.
// - How a continue token expires, and how many changes a watch can look back on: up to etcd's compaction, which the
//   simulator brings about when it wants and a test of the cluster cannot. The operator begins a list anew for any 410.
// - A list at a version that is not there yet: the simulator's lagging replicas answer by an older state, which is
//   worse than the server's refusal.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "integration/model/both_servers.h"
#include "sim/seeds.h"

namespace atelier::model {
namespace {

using nlohmann::json;

constexpr std::uint64_t kSequences = 12;
constexpr std::size_t kSteps = 80;

struct Stream final : http::StreamHandler {
  void on_head(int code, const http::Headers&) override { status = code; }
  void on_data(std::string_view data) override { text += data; }
  void on_end(Result<void>) override { ended = true; }

  bool complete() const {
    const auto has = [this](const char* what) { return text.find(what) != std::string::npos; };
    const bool whole = text.ends_with('\n');
    return ended || (whole && has(R"("name":"last")") && (!initial || has("initial-events-end")));
  }

  int status = 0;
  std::string text;
  bool initial = false;
  bool ended = false;
};

class Replay : public BothServers {
 protected:
  // What differs, in words; empty: nothing.
  std::string play(const std::vector<Step>& steps) {
    Modelled modelled;
    const std::string ns = make_namespace(modelled);
    Side real{ns};
    Side model{ns};
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const json told = real.heard(steps[i], send(real.request(steps[i])));
      const json expected = model.heard(steps[i], modelled.api.handle(model.request(steps[i])));
      ++requests_;
      ++answers_[told["code"].get<int>()];
      if (told != expected) return difference("step " + std::to_string(i) + ", " + to_text(steps[i]), told, expected);
    }
    return watch(ns, real, model, modelled);
  }

  static std::string difference(const std::string& what, const json& told, const json& expected) {
    std::string out = what + "\n  the server: " + told.dump() + "\n  the model:  " + expected.dump() + "\n";
    for (const json& one : json::diff(expected, told)) out += "    " + one.dump() + "\n";
    return out;
  }

  // Everything since the first lists, once more by watches, all at once.
  std::string watch(const std::string& ns, Side& real, Side& model, Modelled& modelled) {
    const auto requests = [&ns](const Side& side) {
      std::vector<http::Request> out;
      for (const std::string& plural : plurals()) {
        std::vector<kube::WatchOptions> all(4);
        for (kube::WatchOptions& one : all) one.resource_version = side.list_version(plural);
        all[1].label_selector = "app=x";
        all[2].resource_version.clear();
        all[2].initial_events = true;
        all[3].resource_version = "1";
        if (plural != "pipelineruns") all.pop_back();  // of others the server may remember its very beginnings
        if (plural == "events") all.pop_back();        // of which it has no cache to begin with
        for (const kube::WatchOptions& one : all) out.push_back(kube::watch(resource_of(plural), ns, one));
      }
      return out;
    };
    const std::vector<http::Request> asked = requests(real);
    const auto told = streams(*port_, asked, [this](const auto& all_ended) {
      if (!within_reason(all_ended)) throw std::runtime_error("a watch does not come to the last object");
    });
    const auto expected =
        streams(modelled.port, requests(model), [&](const auto&) { modelled.loop.advance(Millis{60'000}); });
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const json here = real.events(told[i]);
      const json there = model.events(expected[i]);
      events_ += here.size();
      if (here != there) return difference("watch " + asked[i].target, here, there);
    }
    return "";
  }

  // What each said until it had come to the object that is made last, and the bookmark after it where it begins with
  // the objects that are there.
  template <class Run>
  static std::vector<std::string> streams(http::Port& port, const std::vector<http::Request>& requests,
                                          const Run& run) {
    std::vector<std::unique_ptr<Stream>> streams;
    std::vector<std::unique_ptr<http::Call>> calls;
    for (const http::Request& request : requests) {
      streams.push_back(std::make_unique<Stream>());
      streams.back()->initial = request.target.find("sendInitialEvents") != std::string::npos;
      calls.push_back(port.stream(request, *streams.back()));
    }
    run([&] { return std::all_of(streams.begin(), streams.end(), [](const auto& one) { return one->complete(); }); });
    std::vector<std::string> out;
    for (const auto& one : streams) out.push_back(one->text);
    return out;
  }

  // The shortest part of it that was found to differ too; with its first steps and its last, which the others need.
  std::string shrunk(std::vector<Step> steps, std::string found) {
    const std::size_t last = plurals().size();
    const std::size_t first = last + 2;
    for (std::size_t size = steps.size() / 2; size > 0; size /= 2) {
      for (std::size_t at = first; at + size + last <= steps.size();) {
        std::vector<Step> fewer = steps;
        const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
        fewer.erase(from, from + static_cast<std::ptrdiff_t>(size));
        std::string again = play(fewer);
        if (again.empty()) {
          at += size;
        } else {
          steps = std::move(fewer);
          found = std::move(again);
        }
      }
    }
    std::string out;
    for (const Step& step : steps) out += "  " + to_text(step) + "\n";
    return out + found;
  }

  std::size_t requests_ = 0;
  std::size_t events_ = 0;
  std::map<int, std::size_t> answers_;  // of the server, by code
};

TEST_F(Replay, RandomSequencesHaveTheSameAnswers) {
  for (const std::uint64_t seed : sim::seeds(kSequences)) {
    const std::vector<Step> steps = sequence(seed, kSteps);
    const std::string found = play(steps);
    if (found.empty()) continue;
    std::printf("seed %zu: %s", std::size_t{seed}, found.c_str());  // before what takes long
    std::fflush(stdout);
    FAIL() << "seed " << seed << "; again: ATELIER_SIM_SEED=" << seed << " build/release/bin/model_replay_tests\n"
           << found << "its shortest part:\n"
           << shrunk(steps, found);
  }
  std::printf("%zu requests and %zu events: no difference;", requests_, events_);
  for (const auto& [code, count] : answers_) std::printf(" %zu × %d", count, code);
  std::puts("");
}

// What is there goes one by one; here something stays, so that the namespace is there when it is asked.
TEST_F(Replay, NothingIsMadeInANamespaceThatEnds) {
  Modelled modelled;
  const std::string ns = make_namespace(modelled);
  Side real{ns};
  Side model{ns};
  const auto make = [&](const std::string& plural, const json& finalizers) {
    Step step;
    step.verb = Verb::create;
    step.plural = plural;
    step.body = object_of(plural, "a");
    step.body["metadata"]["finalizers"] = finalizers;
    const json told = real.heard(step, send(real.request(step)));
    EXPECT_EQ(told, model.heard(step, modelled.api.handle(model.request(step)))) << plural;
    return told["code"].get<int>();
  };
  EXPECT_EQ(make("configmaps", json::array({"atelier.dev/one"})), 201);
  EXPECT_EQ(send(kube::delete_(kube::kNamespaces, {"", ns})).status, 200);
  modelled.api.end_namespace(ns);
  for (const char* plural : {"pods", "controllerrevisions", "events", "pipelineruns"}) {
    EXPECT_EQ(make(plural, json::array()), 403);
  }
}

}  // namespace
}  // namespace atelier::model
