#include <algorithm>
#include <iterator>
#include <optional>
#include <ostream>

#include "atelier/api/validate.h"
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
constexpr const char* kSayWhere =
    "; say with --operator-namespace where it was, or, if that namespace is gone and no operator runs, pass --force";

struct Asked {
  std::optional<std::string> ns;
  std::optional<std::string> watched;  // absent: all
  std::string timeout = "30s";
  bool force = false;
  bool dry_run = false;
};

// Where pods are to lose the finalizer.
struct Reach {
  std::vector<std::string> namespaces;  // as requests take them: "" is all

  std::string words() const {
    if (namespaces == std::vector<std::string>{""}) return "";
    std::string names;
    for (const std::string& ns : namespaces) names += (names.empty() ? " in " : ", ") + ns;
    return names;
  }
};

Result<std::vector<HeldPod>> list_held(Session& session, const std::string& ns) {
  std::vector<HeldPod> held;
  kube::ListOptions options;
  options.limit = kPageSize;
  for (;;) {
    auto body = session.read(kube::list(kube::kPods, ns, options));
    if (!body && body.error().code == Errc::gone && options.limit > 0) {
      held.clear();  // what the pages were taken from is compacted away: once more, in one
      options = {};
      continue;
    }
    if (!body) return told(body.error(), {"pod", {ns, ""}}, session.server());
    ATELIER_TRY(HeldPage page, read_held(body.value()));
    std::move(page.pods.begin(), page.pods.end(), std::back_inserter(held));
    if (page.continue_token.empty()) return held;
    options.continue_token = page.continue_token;
  }
}

Result<std::vector<HeldPod>> list_held(Session& session, const Reach& reach) {
  std::vector<HeldPod> held;
  for (const std::string& ns : reach.namespaces) {
    ATELIER_TRY(std::vector<HeldPod> there, list_held(session, ns));
    std::move(there.begin(), there.end(), std::back_inserter(held));
  }
  return held;
}

std::string pods(std::size_t number) { return number == 1 ? "1 pod" : std::to_string(number) + " pods"; }

void tell(const reconcile::PodRecord& pod, const char* what, Terminal& terminal) {
  terminal.out << printable("pod " + pod.key().to_string() + ": " + what) << "\n";
}

Result<int> preview(Session& session, const Reach& reach, Terminal& terminal) {
  ATELIER_TRY(const auto held, list_held(session, reach));
  for (const HeldPod& pod : held) tell(*pod, "would be released", terminal);
  terminal.out << pods(held.size()) << " would be released\n";
  return kDone;
}

void wait(const Session& session, Millis time) {
  const auto end = session.parts().loop.after(time, session.parts().stop);
  session.parts().run();
}

// Until a list shows none. Pods are read again in each round: a patch says where in its list the finalizer is.
Result<int> release_all(Session& session, const Reach& reach, const LeaseHold* hold, Terminal& terminal) {
  std::size_t released = 0;
  for (int round = 1;; ++round) {
    ATELIER_TRY(const auto held, list_held(session, reach));
    if (hold != nullptr && hold->lost()) {
      return Error{Errc::conflict, "the operator's Lease was lost meanwhile; run the same again"};
    }
    if (held.empty()) {
      terminal.out << pods(released) << " released; none" << reach.words()
                   << " bears a finalizer of Atelier any more\n";
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
  const auto where = session.ask(kube::get(kube::kNamespaces, {"", key.ns}));
  if (!where && where.error().code == Errc::not_found) {
    return {Errc::not_found, "there is no namespace " + key.ns + kSayWhere};
  }
  return {Errc::conflict, "the Lease " + key.to_string() +
                              " could not be taken; wait longer with --timeout, or see that you may get, create and "
                              "patch leases in that namespace"};
}

// Where an operator that was told the same watched.
Result<Reach> reach_of(const std::optional<std::string>& watched) {
  if (!watched) return Reach{{""}};
  Reach reach;
  for (std::size_t at = 0; at <= watched->size();) {
    const std::size_t end = std::min(watched->find(',', at), watched->size());
    const std::string ns = watched->substr(at, end - at);
    at = end + 1;
    if (!api::is_dns_label(ns)) return invalid("--watch-namespaces: \"" + ns + "\" is no name of a namespace");
    if (std::find(reach.namespaces.begin(), reach.namespaces.end(), ns) != reach.namespaces.end()) {
      return invalid("--watch-namespaces: \"" + ns + "\" is there twice");
    }
    reach.namespaces.push_back(ns);
  }
  return reach;
}

Result<int> uninstall(const Asked& asked, Session& session, Terminal& terminal) {
  const auto longest = parse_duration(asked.timeout);
  if (!longest) return invalid("--timeout: " + longest.error().message);
  ATELIER_TRY(const Reach reach, reach_of(asked.watched));
  if (asked.dry_run) return preview(session, reach, terminal);
  if (asked.force) return release_all(session, reach, nullptr, terminal);

  const ObjectKey key{asked.ns.value_or("atelier-system"), "atelier-operator"};
  ATELIER_TRY(const auto before, look(session, key));
  if (!before && !asked.ns) {
    return Error{Errc::not_found, "no operator has led in namespace " + key.ns + kSayWhere};
  }
  if (before && !before->holder.empty()) {
    terminal.err << printable("waiting until operator " + before->holder + " has given up its Lease, at most " +
                              format_duration(longest.value()))
                 << "\n"
                 << std::flush;
  }
  LeaseHold hold{session, key};
  if (!hold.take(longest.value())) return not_taken(session, key, before);
  const auto code = release_all(session, reach, &hold, terminal);
  hold.give_back();
  return code;
}

}  // namespace

void add_uninstall(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("uninstall", "Take the operator's finalizer off all pods, after it was stopped.",
                  [asked, &program](Session& session) { return uninstall(*asked, session, program.terminal()); });
  verb.add_option("--operator-namespace", asked->ns, "Where the operator ran; atelier-system without it")
      ->type_name("NAME");
  verb.add_option("--watch-namespaces", asked->watched,
                  "The only namespaces that it watched; no other is asked about. All without it")
      ->type_name("NAME[,NAME]...");
  verb.add_option("--timeout", asked->timeout, "How long to wait until it has stopped; 30s without it")
      ->type_name("DURATION");
  verb.add_flag("--force", asked->force, "Do not look whether one runs; where its namespace is gone");
  verb.add_flag("--dry-run", asked->dry_run, "Only print which pods it is");
}

}  // namespace atelier::cli
