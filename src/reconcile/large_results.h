// Results of one run that its status has no room for, on their way: from the logs of its pods, or from an execution,
// into ControllerRevisions, and from there into an execution after a restart. Does no I/O: adds to plans and takes in
// the answers.
//
// Order: read the log -> create the revision, or join the one that is there -> tell the text, upon which the engine
// commits what refers to it and lets go of the pod. After a crash anywhere the same steps meet what is done already.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "atelier/api/pipeline_run.h"
#include "atelier/engine/decide.h"
#include "atelier/kube/plan.h"

namespace atelier::reconcile {

class LargeResults {
 public:
  struct News {
    std::vector<std::string> texts;
    std::vector<engine::UnreadResults> unread;
    std::vector<std::string> stored;  // of items
    std::optional<engine::UnstoredResults> unstored;
  };
  News learn(const kube::Feedback& feedback, WallTime now);

  // The next step towards what the action asks for.
  void fetch(kube::Plan& plan, const engine::FetchResults& action, const api::PipelineRun& run);

  void store(kube::Plan& plan, const engine::StoreResults& action, const api::PipelineRun& run);

  // What is stored under a SHA-256 that the run's ledger names: the text, until it is forgotten; why there is none,
  // told once; or nothing yet.
  struct Loaded {
    std::optional<std::string> text;
    std::string lost;
  };
  Loaded load(kube::Plan& plan, const std::string& sha256, const api::PipelineRun& run);

  // REQUIRES that the execution has all that the ledger names: until then what came is kept for what is still missing.
  void forget_loaded() { loaded_.clear(); }

  // Of a run that takes over from an earlier one: it owns what it refers to before it starts.
  void join(kube::Plan& plan, const std::string& sha256, const api::PipelineRun& run) const;
  const std::set<std::string>& joined() const { return joined_; }
  const std::set<std::string>& not_found() const { return not_found_; }  // by the plan before

 private:
  struct Fetch {
    engine::Attempt attempt;
    std::string sha256;
    bool store = false;
    std::optional<std::string> text;  // read, and not stored
    bool is_there = false;            // a revision of that content
    std::int64_t failures = 0;
  };

  // Whether it is done.
  bool take(Fetch& fetch, const std::string& pod, const kube::Feedback& feedback, WallTime now, News& news) const;

  struct Page {
    std::string sha256;
    std::string text;
    bool is_there = false;  // a revision of that content
  };
  void take_page(const kube::Feedback& feedback, WallTime now, News& news);

  std::map<std::string, Fetch> fetches_;  // by pod
  std::optional<Page> page_;              // that is being stored
  std::int64_t unstored_ = 0;             // pages in a row that could not be
  std::map<std::string, Loaded> loaded_;  // by SHA-256
  std::set<std::string> joined_, not_found_;
};

}  // namespace atelier::reconcile
