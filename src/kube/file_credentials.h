// Credentials in files that are replaced while the process runs: a service account's, or those a kubeconfig names.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "atelier/base/loop.h"
#include "atelier/http/credentials.h"

namespace atelier::kube {

struct CredentialFiles {  // paths; empty: there is none
  std::string ca;
  std::string client_cert;
  std::string client_key;
  std::string token;

  bool empty() const { return ca.empty() && client_cert.empty() && client_key.empty() && token.empty(); }
};

// What was read last stays in use while a file cannot be read, is empty, or while certificate and key are no pair:
// it is being written. That is logged once. Authority, pair and token stand each for itself.
class FileCredentials final : public http::Credentials {
 public:
  static constexpr Millis kFresh{60'000};

  // `fixed` is what is in no file; the loop is borrowed, for its clock.
  FileCredentials(CredentialFiles files, http::Credential fixed, const Loop& loop)
      : files_(std::move(files)), fixed_(std::move(fixed)), loop_(loop) {}

  // The first read. Error: invalid, naming the file.
  Result<void> open();

  void get(std::function<void(Result<Snapshot>)> done) override { done(current()); }
  void refused(const Snapshot& snapshot) override;

  // What the files say, read again when that is a minute ago or was refused. REQUIRES that open() succeeded.
  Snapshot current();
  void expire() { read_at_.reset(); }

 private:
  // These change `credential` only if all is well.
  std::string read(http::Credential& credential) const;  // the first failure; empty: none
  Result<void> read_authority(http::Credential& credential) const;
  Result<void> read_pair(http::Credential& credential) const;
  Result<void> read_token(http::Credential& credential) const;

  CredentialFiles files_;
  http::Credential fixed_;
  const Loop& loop_;
  std::optional<SteadyTime> read_at_;
  Snapshot current_;
  std::string complaint_;  // logged last; empty while all is well
};

}  // namespace atelier::kube
