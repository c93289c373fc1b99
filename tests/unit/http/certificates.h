// An authority of a test, and certificates that it issues.
#pragma once

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace atelier::testing {

struct KeyPair {
  std::string certificate;  // both in PEM
  std::string key;
};

class Authority {
 public:
  explicit Authority(const std::string& name) : name_(name), key_(EVP_EC_gen("P-256"), &EVP_PKEY_free) {
    pem_ = text(*certificate(name, key_.get(), "critical,CA:TRUE", ""));
  }
  const std::string& pem() const { return pem_; }

  // For clients of this name, and for a server on 127.0.0.1.
  KeyPair issue(const std::string& name) const {
    const Key key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    KeyPair pair;
    pair.certificate = text(*certificate(name, key.get(), "CA:FALSE", "IP:127.0.0.1,DNS:server.test"));
    const Bio bio{BIO_new(BIO_s_mem()), &BIO_free};
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    pair.key = text(bio.get());
    return pair;
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
  using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;
  using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

  static void extend(X509* certificate, int nid, const std::string& value) {
    if (value.empty()) return;
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  static void set_name(X509_NAME* to, const std::string& name) {
    X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                               0);
  }
  Certificate certificate(const std::string& name, EVP_PKEY* key, const char* kind, const std::string& hosts) const {
    static long serial = 0;
    Certificate made{X509_new(), &X509_free};
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
    set_name(X509_get_subject_name(made.get()), name);
    set_name(X509_get_issuer_name(made.get()), name_);
    X509_set_pubkey(made.get(), key);
    extend(made.get(), NID_basic_constraints, kind);
    extend(made.get(), NID_subject_alt_name, hosts);
    X509_sign(made.get(), key_.get(), EVP_sha256());
    return made;
  }
  static std::string text(X509& certificate) {
    const Bio bio{BIO_new(BIO_s_mem()), &BIO_free};
    PEM_write_bio_X509(bio.get(), &certificate);
    return text(bio.get());
  }
  static std::string text(BIO* bio) {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
  }

  std::string name_;
  Key key_;
  std::string pem_;
};

}  // namespace atelier::testing
