#include "kube/key_pair.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace atelier::kube {
namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;
using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;

// OpenSSL's queue of errors is the thread's: what is left in it would be taken for libcurl's.
struct ErrorQueue {
  ~ErrorQueue() { ERR_clear_error(); }
};

int no_password(char*, int, int, void*) { return -1; }  // instead of asking on the terminal

Bio reader(const std::string& text) { return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free}; }

Certificate certificate(const std::string& pem) {
  const Bio bio = reader(pem);
  return {PEM_read_bio_X509(bio.get(), nullptr, &no_password, nullptr), &X509_free};
}

}  // namespace

Result<void> check_authority(const std::string& pem) {
  const ErrorQueue queue;
  if (!certificate(pem)) return invalid("holds no certificate in PEM form");
  return boost::outcome_v2::success();
}

Result<void> check_key_pair(const std::string& certificate_pem, const std::string& key_pem) {
  const ErrorQueue queue;
  const Certificate leaf = certificate(certificate_pem);
  if (!leaf) return invalid("holds no certificate in PEM form");
  const Bio bio = reader(key_pem);
  const Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, nullptr), &EVP_PKEY_free};
  if (!key) return invalid("comes with a key that is no unencrypted private key in PEM form");
  if (X509_check_private_key(leaf.get(), key.get()) != 1) return invalid("comes with the key of another certificate");
  return boost::outcome_v2::success();
}

}  // namespace atelier::kube
