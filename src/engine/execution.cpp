#include "atelier/engine/execution.h"

#include "engine/state.h"

namespace atelier::engine {

Execution::Execution(Identity run, std::shared_ptr<const api::RunPlan> plan, std::map<std::string, std::string> params)
    : state_(std::make_unique<State>(std::move(run), std::move(plan), std::move(params))) {}
Execution::~Execution() = default;
Execution::Execution(Execution&&) noexcept = default;
Execution& Execution::operator=(Execution&&) noexcept = default;

void Execution::see(const api::PipelineRunSpec& spec) { state_->see(spec); }
void Execution::see_withheld(const std::string& why) { state_->see_withheld(why); }
std::vector<std::string> Execution::lacks(const Ledger& committed) const { return state_->lacks(committed); }
void Execution::see(Ledger committed) { state_->see(std::move(committed)); }
void Execution::see(PodObservation pod) { state_->see(std::move(pod)); }
void Execution::see_no_pod(const std::string& name, const Attempt& attempt) { state_->see_no_pod(name, attempt); }
void Execution::see(RejectedCreate rejected) { state_->see(std::move(rejected)); }
void Execution::see_made(const Attempt& attempt, WallTime at) { state_->see_made(attempt, at); }
void Execution::see_gone(const Attempt& attempt) { state_->see_gone(attempt); }
void Execution::see(std::vector<GivenApproval> approvals, ApprovalGuard guard) {
  state_->see(std::move(approvals), std::move(guard));
}
void Execution::see_text(std::string text) { state_->see_text(std::move(text)); }
void Execution::see(UnreadResults unread) { state_->see(std::move(unread)); }
void Execution::see_stored(const std::string& text) { state_->see_stored(text); }
void Execution::see(UnstoredResults unstored) { state_->see(std::move(unstored)); }
void Execution::see_commit(WallTime at) { state_->see_commit(at); }

Execution::Step Execution::step(WallTime now, std::size_t most) { return state_->step(now, most); }

const Ledger& Execution::ledger() const { return state_->ledger(); }
RunStatus Execution::status() const { return state_->status(); }
std::optional<api::TaskStatus> Execution::row(const std::string& name) const { return state_->row(name); }
std::map<std::string, std::string> Execution::why() const { return state_->why(); }

}  // namespace atelier::engine
