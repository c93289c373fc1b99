#include <algorithm>
#include <iterator>
#include <optional>
#include <ostream>

#include "atelier/kube/request.h"
#include "cli/failure.h"
#include "cli/held_pods.h"
#include "cli/lease_hold.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/verbs.h"
#include "reconcile/writes.h"

namespace atelier::cli {
namespace {

constexpr int kPageSize = 500;
constexpr int kRounds = 5;  // against others who write to the same pods
constexpr Millis kBetweenRounds{1'000};

struct Asked {
  std::optional<std::string> ns;
  std::string timeout = "30s";
  bool force = false;
  bool dry_run = false;
};

Result<std::vector<HeldPod>> list_held(Session& session) {
  std::vector<HeldPod> held;
  kube::ListOptions options;
  options.limit = kPageSize;
  for (;;) {
    auto body = session.read(kube::list(kube::kPods, "", options));
    if (!body && body.error().code == Errc::gone && options.limit > 0) {
      held.clear();  // what the pages were taken from is compacted away: once more, in one
      options = {};
      continue;
    }
    if (!body) return told(body.error(), {"pod", {}}, session.server());
    ATELIER_TRY(HeldPage page, read_held(body.value()));
    std::move(page.pods.begin(), page.pods.end(), std::back_inserter(held));
    if (page.continue_token.empty()) return held;
    options.continue_token = page.continue_token;
  }
}

std::string pods(std::size_t number) { return number == 1 ? "1 pod" : std::to_string(number) + " pods"; }

void tell(const reconcile::PodRecord& pod, const char* what, Terminal& terminal) {
  terminal.out << printable("pod " + pod.key().to_string() + ": " + what) << "\n";
}

Result<int> preview(Session& session, Terminal& terminal) {
  ATELIER_TRY(const auto held, list_held(session));
  for (const HeldPod& pod : held) tell(*pod, "would be released", terminal);
  terminal.out << pods(held.size()) << " would be released\n";
  return kDone;
}

void wait(const Session& session, Millis time) {
  const auto end = session.parts().loop.after(time, session.parts().stop);
  session.parts().run();
}

// Until a list shows none. Pods are read again in each round: a patch says where in its list the finalizer is.
Result<int> release_all(Session& session, const LeaseHold* hold, Terminal& terminal) {
  std::size_t released = 0;
  for (int round = 1;; ++round) {
    ATELIER_TRY(const auto held, list_held(session));
    if (hold != nullptr && hold->lost()) {
      return Error{Errc::conflict, "the operator's Lease was lost meanwhile; run the same again"};
    }
    if (held.empty()) {
      terminal.out << pods(released) << " released; none bears a finalizer of Atelier any more\n";
      return kDone;
    }
    std::optional<Error> last;
    bool hopeless = true;
    for (const HeldPod& pod : held) {
      if (hold != nullptr && hold->lost()) break;
      const auto answer = session.ask(reconcile::release_pod(*pod).request);
      const Release release = release_of(answer);
      if (release == Release::done) {
        tell(*pod, "released", terminal);
        ++released;
      }
      if (release == Release::done || release == Release::gone) continue;
      hopeless = hopeless && release == Release::refused;
      last = told(answer.error(), {"pod", pod->key()}, session.server());
    }
    if (last && (hopeless || round == kRounds)) {
      last->message = "not every pod was released: " + last->message + "; then run the same again";
      return *last;
    }
    if (!last && round == kRounds) {
      return Error{Errc::conflict, "pods get the finalizer while it is taken off: does an operator still run?"};
    }
    if (last) wait(session, kBetweenRounds);
  }
}

// The Lease as it is, if an operator has ever led there.
Result<std::optional<kube::LeaseRecord>> look(Session& session, const ObjectKey& key) {
  const auto lease = session.ask(kube::get(kube::kLeases, key));
  if (lease) return std::optional(kube::lease_record_of(lease.value()));
  if (lease.error().code == Errc::not_found) return std::optional<kube::LeaseRecord>{};
  return told(lease.error(), {"lease", key}, session.server());
}

Error not_taken(Session& session, const ObjectKey& key, const std::optional<kube::LeaseRecord>& before) {
  const auto now = look(session, key);
  if (now && now.value() && !now.value()->holder.empty() && before != now.value()) {
    return {Errc::conflict, "the operator " + now.value()->holder +
                                " still runs, and would put back what is taken off; stop it first: kubectl delete "
                                "deployment atelier-operator -n " +
                                key.ns};
  }
  return {Errc::conflict, "the Lease " + key.to_string() +
                              " could not be taken; wait longer with --timeout, or see that you may get, create and "
                              "patch leases in that namespace"};
}

Result<int> uninstall(const Asked& asked, Session& session, Terminal& terminal) {
  const auto longest = parse_duration(asked.timeout);
  if (!longest) return invalid("--timeout: " + longest.error().message);
  if (asked.dry_run) return preview(session, terminal);
  if (asked.force) return release_all(session, nullptr, terminal);

  const ObjectKey key{asked.ns.value_or("atelier-system"), "atelier-operator"};
  ATELIER_TRY(const auto before, look(session, key));
  if (!before && !asked.ns) {
    return Error{Errc::not_found, "no operator has led in namespace " + key.ns +
                                      "; say with --operator-namespace where it was, or, if that namespace is gone and "
                                      "no operator runs, pass --force"};
  }
  if (before && !before->holder.empty()) {
    terminal.err << printable("waiting until operator " + before->holder + " has given up its Lease, at most " +
                              format_duration(longest.value()))
                 << "\n"
                 << std::flush;
  }
  LeaseHold hold{session, key};
  if (!hold.take(longest.value())) return not_taken(session, key, before);
  const auto code = release_all(session, &hold, terminal);
  hold.give_back();
  return code;
}

}  // namespace

void add_uninstall(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("uninstall", "Take the operator's finalizer off all pods of the cluster, after it was stopped.",
                  [asked, &program](Session& session) { return uninstall(*asked, session, program.terminal()); });
  verb.add_option("--operator-namespace", asked->ns, "Where the operator ran; atelier-system without it")
      ->type_name("NAME");
  verb.add_option("--timeout", asked->timeout, "How long to wait until it has stopped; 30s without it")
      ->type_name("DURATION");
  verb.add_flag("--force", asked->force, "Do not look whether one runs; where its namespace is gone");
  verb.add_flag("--dry-run", asked->dry_run, "Only print which pods it is");
}

}  // namespace atelier::cli
