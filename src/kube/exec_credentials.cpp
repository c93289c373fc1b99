#include "kube/exec_credentials.h"

#include <algorithm>
#include <utility>

#include "atelier/base/log.h"

namespace atelier::kube {

void ExecCredentials::get(std::function<void(Result<Snapshot>)> done) {
  if (usable()) return done(snapshot());
  if (!process_ && !may_run()) return done(failure());
  waiting_.push_back(std::move(done));
  if (!process_) run();
}

// A refused credential is shown again, in vain, while the plugin may not be run: the answer tells why.
bool ExecCredentials::usable() const {
  if (process_ || !credential_) return false;
  if (credential_->expires && *credential_->expires <= loop_.wall_now()) return false;
  return !refused_ || !may_run();
}

void ExecCredentials::refused(const Snapshot& snapshot) {
  if (snapshot != snapshot_ || refused_) return;
  refused_ = true;
  base_->expire();
  if (served()) wait_ = Millis{0};
  not_before_ = loop_.now() + wait_;  // the first time at once: it may have been revoked
  wait_longer();
}

void ExecCredentials::run() {
  ExecCluster cluster = settings_.cluster;
  cluster.ca_pem = base_->current()->ca_pem;
  Command command;
  command.argv = settings_.plugin.argv;
  command.env = settings_.plugin.env;
  command.env.emplace_back("KUBERNETES_EXEC_INFO", exec_info(settings_.plugin, cluster));
  command.timeout = settings_.timeout;
  process_ = processes_.run(std::move(command), [this](const ProcessEnd& end) { ended(end); });
}

void ExecCredentials::ended(const ProcessEnd& end) {
  const std::unique_ptr<Process> process = std::exchange(process_, nullptr);
  if (end.how != ProcessEnd::How::exited || end.code != 0) {
    failed(failure_of(settings_.plugin, end));
  } else {
    auto credential = parse_exec_credential(end.output, settings_.plugin.api_version, loop_.wall_now());
    if (!credential) {
      failed(credential.error().message);
    } else {
      credential_ = std::move(credential).value();
      got_at_ = loop_.now();
      refused_ = false;
      failure_.reset();
      snapshot_.reset();
    }
  }
  const Result<Snapshot> result = failure_ ? Result<Snapshot>(failure()) : Result<Snapshot>(snapshot());
  for (const auto& done : std::exchange(waiting_, {})) done(result);
}

void ExecCredentials::failed(const std::string& why) {
  failure_ =
      Error{Errc::unauthorized, settings_.plugin.where + ": the plugin " + settings_.plugin.argv.front() + " " + why};
  if (served()) wait_ = Millis{0};
  wait_longer();
  not_before_ = loop_.now() + wait_;
  credential_.reset();
  log::warn("an exec plugin gave no credentials", {{"error", failure_->message}});
}

void ExecCredentials::wait_longer() { wait_ = wait_.count() == 0 ? kFirstWait : std::min(wait_ * 2, kLongestWait); }

Error ExecCredentials::failure() const {
  if (failure_) return *failure_;
  return {Errc::unauthorized, settings_.plugin.where + ": the server refused what the plugin " +
                                  settings_.plugin.argv.front() + " gave, and it has expired"};
}

http::Credentials::Snapshot ExecCredentials::snapshot() {
  const Snapshot base = base_->current();
  if (snapshot_ && base == base_snapshot_) return snapshot_;
  http::Credential all = *base;
  all.bearer_token = credential_->token;
  if (all.client_cert_pem.empty()) {
    all.client_cert_pem = credential_->client_cert_pem;
    all.client_key_pem = credential_->client_key_pem;
  }
  base_snapshot_ = base;
  snapshot_ = std::make_shared<const http::Credential>(std::move(all));
  return snapshot_;
}

}  // namespace atelier::kube
