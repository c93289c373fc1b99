// The state of an execution and its rules, one file each. A task's entry follows from its committed entry, its pods,
// the entries of what it depends on, and what was asked of the run: it is evaluated again when one of these has
// changed, in the order of the graph.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "atelier/api/template_text.h"
#include "atelier/engine/execution.h"
#include "engine/graph.h"
#include "engine/item_results.h"
#include "engine/needs.h"
#include "engine/outcome.h"
#include "engine/part.h"
#include "engine/run_status.h"
#include "engine/stop.h"
#include "engine/tally.h"

namespace atelier::engine {

class State {
 public:
  State(Execution::Identity run, std::shared_ptr<const api::RunPlan> plan, std::map<std::string, std::string> params);

  void see(const api::PipelineRunSpec& spec);
  void see_withheld(const std::string& why);
  std::vector<std::string> lacks(const Ledger& committed) const;
  void see(Ledger committed);
  void see(PodObservation pod);
  void see_no_pod(const std::string& name, const Attempt& attempt);
  void see(RejectedCreate rejected);
  void see_made(const Attempt& attempt, WallTime at);
  void see_gone(const Attempt& attempt);
  void see(std::vector<GivenApproval> approvals, ApprovalGuard guard);
  void see_text(std::string text);
  void see(UnreadResults unread);
  void see_stored(const std::string& page);
  void see(UnstoredResults unstored);
  void see_commit(WallTime at) { last_commit_ = at; }

  Execution::Step step(WallTime now, std::size_t most);

  const Ledger& ledger() const { return ledger_; }
  const Ledger& committed() const { return committed_; }
  RunStatus status() const;
  std::optional<api::TaskStatus> row(const std::string& name) const;
  std::map<std::string, std::string> why() const;

 private:
  // A unit in the order of evaluation: the task itself, its items, and what they come to.
  using Place = ItemRoom::Place;
  static constexpr std::int64_t kSum = INT64_MAX;
  static constexpr Place kFirst{0, kNoItem};
  // What is read of the run's spec, whose parameters are many times larger.
  struct Spec {
    std::string author;
    std::optional<api::RunCancel> cancel;
    bool suspend = false;
    std::vector<std::string> skip;
  };

  // execution order (state.cpp)
  bool over() const { return ended(committed_.phase); }
  void all_dirty();
  void evaluate_dirty();
  void evaluate(const Place& place);
  void evaluate(Part& part, Unit& unit);
  void clear(Part& part, Unit& unit);
  void keep(Part& part, Unit& unit, Entry next);
  void part_changed(Part& part, const Entry& before);
  void note_difference(Part& part, Unit& unit);
  void dirty(const Part& part, std::int64_t item) { dirty_.insert({part.node->index, item}); }
  void dirty_followers(const Part& part);
  void wake(Unit& unit, WallTime at);
  void wake(WallTime at) { wake_at_ = wake_at_ ? std::min(*wake_at_, at) : at; }
  Part* part_of(const std::string& task);
  static Unit* unit_of(Part* part, const Attempt& attempt);
  Place place_of(const Part& part, const Unit& unit) const { return {part.node->index, unit.item}; }

  // settle.cpp: pods' ends become outcomes
  void settle(Part& part, Unit& unit, Entry& next);
  void look_for(const Part& part, Unit& unit, std::int64_t attempt);
  static std::string ended_by_cluster(const PodObservation& pod);
  void see_alive(Entry& entry, const PodObservation& pod, std::int64_t attempt);
  void see_end(const Part& part, const Unit& unit, Entry& entry, const PodObservation* pod, std::int64_t attempt);
  static bool was_accepted(const Unit& unit, const PodObservation& pod);
  Outcome outcome(const Part& part, const Unit& unit, Entry& entry, const PodObservation* pod);
  void fail(const Part& part, const Unit& unit, Entry& entry, const Outcome& end,
            std::optional<std::int64_t> exit_code);
  // large_results.cpp: what is not in the termination message
  bool awaits_results(const Part& part, Unit& unit, Entry& next, const PodObservation& pod);
  Outcome outcome_of_large(const Part& part, const Unit& unit, Entry& entry, const PodObservation& pod, bool accepted);
  void restore_results(Ledger& committed);
  void forget_texts();
  // item_results.cpp: what the ledger has no room for
  const ItemRoom::Page* page_of(const Part& part, const Unit& unit, const Results& results) const;
  bool awaits_page(const Part& part, const Unit& unit, Entry& next, const PodObservation& pod);
  void refer_to_page(const Part& part, const Unit& unit, Entry& next) const;
  bool admit_to_room();
  std::optional<StoreResults> page_to_store();
  void forget_pages();
  void note_lacking(const Part& part, const TaskEntry& committed, std::set<std::string>& lacking) const;
  void restore_items(const Part& part, TaskEntry& committed);
  std::size_t& kept_with(const Unit& unit, const Entry& entry);
  // clocks.cpp: what takes too long ends
  void watch_clocks(Part& part, Unit& unit, Entry& next);
  // stop.cpp: no more pods where the run was told to stop; those there may end
  void stop(Part& part, Unit& unit, Entry& next);
  void end_pod(Unit& unit, const Entry& next, const char* why);
  bool was_stopped() const;
  static bool ends_its_pod(const Stop& stop, const Entry& entry);
  const Stop& stop_of(const Part& part) const { return part.node->last ? stops_.finally : stops_.tasks; }
  // skip.cpp: what was asked not to run, and what can never run
  void skip(Part& part, const Unit& unit, Entry& next);
  void skip_without_input(Entry& next, const std::string& why) const;
  const char* never_of(const Part& part) const;
  bool is_to_be_skipped(const std::string& task) const;
  void end_as_asked(Entry& next) const;
  std::string refusals() const;
  // claim.cpp: pods for what may run
  void claim(Part& part, Unit& unit, Entry& next);
  Hold gate_of(const Part& part) const;
  bool is_its_turn(const Part& part, Unit& unit) const;
  bool is_suspended(const Part& part, Unit& unit) const;
  bool may_start(Part& part, Unit& unit, Entry& next);
  bool item_may_start(Part& part, Unit& unit, const Entry& next) const;
  bool held_back(const Part& part, Unit& unit, Entry& next);
  Needs needs(const Part& part) const;
  bool follows_a_word(const Part& part) const;
  void create_pods(std::vector<Action>& actions, std::size_t most);
  // pod.cpp: what a pod is made of
  // Why a pod cannot be made.
  struct Problem {
    std::string words;
    bool no_input = false;  // a result that it cannot do without is of a task which has none
  };
  std::optional<CreatePod> pod_for(const Part& part, const Unit& unit, Problem& problem) const;
  std::string value_of(const Part& part, const Unit& unit, const api::Segment& segment, Problem& problem) const;
  std::string inserted(const Part& part, const Unit& unit, const std::string& source, Problem& problem) const;
  std::string result_of(const Part& from, const std::string& name) const;
  static std::string too_long(const CreatePod& pod);
  // when.cpp
  bool holds(const Part& part, Entry& next) const;
  std::string lacks_results(const Part& part, const Error& error, const cel::Expression::Paths& absent) const;
  cel::Bindings bindings_of(const Part& part) const;
  cel::Value results_of(const Part& from) const;
  // approve.cpp
  bool is_by_request(const Part& part) const;
  bool reads_what_was_skipped(const Part& part) const;
  void approve(Part& part, Unit& unit, Entry& next);
  // fan_out.cpp
  void evaluate_fan_out(Part& part);
  bool has_begun(const Part& part) const;
  bool open(Part& part, std::size_t known, Entry& next);
  Result<std::vector<cel::Value>> values_of(const Part& part, std::string& lacks) const;
  // items.cpp
  void spread(Part& part, std::size_t size);
  void begin_items(Part& part);
  void close(Part& part);
  void sum_up(Part& part);
  // conclude.cpp
  bool have_ended(bool last) const;
  RunPhase phase_of_tasks() const;
  void say_how_it_goes();
  void conclude();
  // commit.cpp
  bool is_to_be_committed();
  // clean_up.cpp
  void clean_up(Part& part, Unit& unit);
  void clean_up(const PodObservation& pod, std::vector<Action>& actions) const;
  bool is_recorded(const Part& part, const Unit& unit, std::int64_t attempt) const;
  // why.cpp
  std::string why(const Part& part, const Unit& unit) const;
  Waits waits(const Part& part, const Unit& unit) const;
  WhyWaiting why_waiting() const;
  std::string own_why(const Part& part, const Unit& unit) const;
  std::string predicate_of(const Part& part) const;
  std::vector<std::size_t> open_before(const Part& part) const;
  const Part* cause_before(const Part& part) const;
  bool is_running_well(const Part& part) const;

  std::string name_of(const Part& part, const Unit& unit, std::int64_t attempt) const;

  const Execution::Identity run_;
  const std::shared_ptr<const api::RunPlan> plan_;
  const std::map<std::string, std::string> params_;
  const Graph graph_;
  std::vector<Part> parts_;                          // in the order of the graph
  std::size_t tasks_ = 0;                            // parts before those of `finally`
  std::map<std::string, PodObservation> strangers_;  // pods of ours that belong to no task, by name

  Spec spec_;
  std::string withheld_;  // why no pod may be made; empty: they may
  std::vector<GivenApproval> approvals_;
  ApprovalGuard guard_;
  std::optional<WallTime> last_commit_;
  Ledger committed_, ledger_;

  WallTime now_{};
  Stops stops_;
  std::set<Place> dirty_;
  std::set<std::pair<WallTime, Place>> wakes_;
  std::set<Place> wanting_, cleaning_;                    // units with such actions
  Place wanting_from_ = kFirst, cleaning_from_ = kFirst;  // where the next step goes on with them
  std::set<std::size_t> ready_;                           // parts in which something wants a pod
  Tally ended_tasks_, ended_finally_;
  std::size_t begun_ = 0;                     // parts with an entry that says something
  std::size_t words_ = 0;                     // parts with a word, of `finally` too
  std::size_t words_of_tasks_ = 0;            // which `finally` follows
  std::size_t differing_ = 0;                 // units
  std::size_t items_ = 0;                     // of all open fan-outs
  std::size_t kept_ = 0;                      // bytes of results, but for those of items
  std::size_t kept_large_ = 0;                // of those that are stored
  std::map<std::string, std::string> texts_;  // of results that are not committed, by SHA-256
  ItemRoom room_;
  bool has_new_ledger_ = false;
  std::tuple<bool, RunPhase, bool> seen_by_finally_{};  // what its tasks depend on
  std::optional<WallTime> wake_at_;
};

}  // namespace atelier::engine
