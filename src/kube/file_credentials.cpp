#include "kube/file_credentials.h"

#include <memory>

#include "atelier/base/log.h"
#include "atelier/base/text.h"
#include "kube/key_pair.h"
#include "kube/text_file.h"

namespace atelier::kube {
namespace {

bool same(const http::Credential& a, const http::Credential& b) {
  return a.bearer_token == b.bearer_token && a.ca_pem == b.ca_pem && a.client_cert_pem == b.client_cert_pem &&
         a.client_key_pem == b.client_key_pem;
}

}  // namespace

Result<void> FileCredentials::open() {
  http::Credential credential = fixed_;
  if (const std::string complaint = read(credential); !complaint.empty()) return invalid(complaint);
  current_ = std::make_shared<const http::Credential>(std::move(credential));
  read_at_ = loop_.now();
  return boost::outcome_v2::success();
}

void FileCredentials::refused(const Snapshot& snapshot) {
  if (snapshot == current_) expire();
}

http::Credentials::Snapshot FileCredentials::current() {
  const SteadyTime now = loop_.now();
  if (read_at_ && now - *read_at_ < kFresh) return current_;
  read_at_ = now;
  http::Credential credential = *current_;
  const std::string complaint = read(credential);
  if (!complaint.empty() && complaint != complaint_) {
    log::warn("credentials cannot be read again, the old ones stay in use", {{"error", complaint}});
  }
  complaint_ = complaint;
  if (!same(*current_, credential)) current_ = std::make_shared<const http::Credential>(std::move(credential));
  return current_;
}

// All parts, also after one that failed.
std::string FileCredentials::read(http::Credential& credential) const {
  std::string first;
  for (const auto part :
       {&FileCredentials::read_authority, &FileCredentials::read_pair, &FileCredentials::read_token}) {
    const auto good = (this->*part)(credential);
    if (!good && first.empty()) first = good.error().message;
  }
  return first;
}

Result<void> FileCredentials::read_authority(http::Credential& credential) const {
  if (files_.ca.empty()) return boost::outcome_v2::success();
  ATELIER_TRY(std::string authority, read_whole_file(files_.ca));
  if (authority.empty()) return invalid(files_.ca + ": is empty");  // not: any authority
  if (const auto good = check_authority(authority); !good) return invalid(files_.ca + ": " + good.error().message);
  credential.ca_pem = std::move(authority);
  return boost::outcome_v2::success();
}

Result<void> FileCredentials::read_pair(http::Credential& credential) const {
  if (files_.client_cert.empty() && files_.client_key.empty()) return boost::outcome_v2::success();
  std::string certificate = fixed_.client_cert_pem;
  std::string key = fixed_.client_key_pem;
  if (!files_.client_cert.empty()) {
    ATELIER_TRY(certificate, read_whole_file(files_.client_cert));
  }
  if (!files_.client_key.empty()) {
    ATELIER_TRY(key, read_whole_file(files_.client_key));
  }
  if (const auto good = check_key_pair(certificate, key); !good) {
    const std::string& name = files_.client_cert.empty() ? files_.client_key : files_.client_cert;
    return invalid(name + ": " + good.error().message);
  }
  credential.client_cert_pem = std::move(certificate);
  credential.client_key_pem = std::move(key);
  return boost::outcome_v2::success();
}

Result<void> FileCredentials::read_token(http::Credential& credential) const {
  if (files_.token.empty()) return boost::outcome_v2::success();
  ATELIER_TRY(const std::string content, read_whole_file(files_.token));
  const std::string_view token = without_surrounding_space(content);
  if (token.empty()) return invalid(files_.token + ": there is no token in it");
  if (!is_header_value(token)) return invalid(files_.token + ": the token has control characters");
  credential.bearer_token = token;
  return boost::outcome_v2::success();
}

}  // namespace atelier::kube
