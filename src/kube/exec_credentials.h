// Credentials that a program gives: runs a kubeconfig's exec plugin when they are needed, once for all who wait.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "atelier/base/loop.h"
#include "atelier/base/process.h"
#include "kube/exec_plugin.h"
#include "kube/file_credentials.h"

namespace atelier::kube {

// What the plugin gave is kept until it expires or is refused, without an expiry as long as the process lives. After
// a run that failed, and after a second credential in a row that was refused soon, the next run waits: a second,
// doubled up to 30. Until then there is the same error at once, or the refused credential while it has not expired.
class ExecCredentials final : public http::Credentials {
 public:
  static constexpr Millis kFirstWait{1'000};
  static constexpr Millis kLongestWait{30'000};

  struct Settings {
    ExecPlugin plugin;
    ExecCluster cluster;  // without the authority, which `base` has
    Millis timeout{60'000};
  };

  // `base` has what does not come from the plugin: the authority, and a certificate of the user's own, which wins over
  // the plugin's. Loop and runner are borrowed.
  ExecCredentials(Settings settings, std::shared_ptr<FileCredentials> base, Loop& loop, ProcessRunner& processes)
      : settings_(std::move(settings)), base_(std::move(base)), loop_(loop), processes_(processes) {}

  void get(std::function<void(Result<Snapshot>)> done) override;
  void refused(const Snapshot& snapshot) override;

 private:
  bool usable() const;
  bool may_run() const { return loop_.now() >= not_before_; }
  void run();
  void ended(const ProcessEnd& end);
  void failed(const std::string& why);
  bool served() const { return credential_ && loop_.now() - got_at_ >= kLongestWait; }
  void wait_longer();
  Error failure() const;
  Snapshot snapshot();

  Settings settings_;
  std::shared_ptr<FileCredentials> base_;
  Loop& loop_;
  ProcessRunner& processes_;

  std::optional<ExecCredential> credential_;
  bool refused_ = false;
  SteadyTime got_at_;       // the credential
  Snapshot base_snapshot_;  // snapshot_ is made of it and the credential
  Snapshot snapshot_;

  std::optional<Error> failure_;  // of the last run
  SteadyTime not_before_;         // the next run
  Millis wait_{0};
  std::unique_ptr<Process> process_;  // the run that is under way
  std::vector<std::function<void(Result<Snapshot>)>> waiting_;
};

}  // namespace atelier::kube
