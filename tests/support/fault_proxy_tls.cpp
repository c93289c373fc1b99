#include "support/fault_proxy_tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/connect.hpp>
#include <regex>
#include <stdexcept>

namespace atelier::testing {
namespace {

namespace ssl = boost::asio::ssl;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

void extend(X509& certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &certificate, &certificate, nullptr, nullptr, 0);
  const Owned<X509_EXTENSION> extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value)};
  if (!extension || X509_add_ext(&certificate, extension.get(), -1) != 1) throw std::runtime_error(value);
}

std::string pem_of(X509& certificate) {
  const Owned<BIO> bio{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(bio.get(), &certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

OwnCertificate::OwnCertificate() {
  const Owned<EVP_PKEY> key{EVP_EC_gen("P-256")};
  const Owned<X509> certificate{X509_new()};
  if (!key || !certificate) throw std::runtime_error("OpenSSL makes no key");
  X509& made = *certificate;
  X509_set_version(&made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(&made), 1);
  X509_gmtime_adj(X509_getm_notBefore(&made), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(&made), 86'400);
  X509_set_pubkey(&made, key.get());
  X509_NAME* name = X509_get_subject_name(&made);
  static constexpr unsigned char kName[] = "fault proxy";
  X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, kName, -1, -1, 0);
  X509_set_issuer_name(&made, name);
  extend(made, NID_basic_constraints, "critical,CA:TRUE");
  extend(made, NID_subject_alt_name, "IP:127.0.0.1");
  if (X509_sign(&made, key.get(), EVP_sha256()) == 0) throw std::runtime_error("OpenSSL does not sign");
  ca_pem = pem_of(made);
  SSL_CTX_use_certificate(context.native_handle(), &made);
  SSL_CTX_use_PrivateKey(context.native_handle(), key.get());
}

http::Credential current(const http::Endpoint& endpoint) {
  http::Credential now{endpoint.bearer_token, endpoint.ca_pem, endpoint.client_cert_pem, endpoint.client_key_pem};
  if (!endpoint.credentials) return now;
  endpoint.credentials->get([&now](const Result<http::Credentials::Snapshot>& snapshot) {
    const http::Credential& files = *snapshot.value();
    if (!files.bearer_token.empty()) now.bearer_token = files.bearer_token;
    if (!files.ca_pem.empty()) now.ca_pem = files.ca_pem;
    if (files.client_cert_pem.empty()) return;
    now.client_cert_pem = files.client_cert_pem;
    now.client_key_pem = files.client_key_pem;
  });
  return now;
}

Upstream::Upstream(boost::asio::io_context& io, const http::Endpoint& endpoint) : io_(io) {
  static const std::regex kUrl{R"((https?)://\[?([^/\]]+?)\]?(?::(\d+))?)"};
  std::smatch parts;
  if (!std::regex_match(endpoint.base_url, parts, kUrl)) throw std::runtime_error(endpoint.base_url);
  const bool secure = parts[1] == "https";
  const std::string port = parts[3].matched ? parts[3].str() : secure ? "443" : "80";
  address_ = boost::asio::ip::tcp::resolver(io).resolve(parts[2].str(), port)->endpoint();
  if (!secure) return;
  if (!endpoint.insecure) host_to_check_ = endpoint.server_name.empty() ? parts[2].str() : endpoint.server_name;
  tls_.emplace(ssl::context::tls_client);
  const http::Credential credential = current(endpoint);
  if (!credential.ca_pem.empty()) tls_->add_certificate_authority(boost::asio::buffer(credential.ca_pem));
  if (credential.client_cert_pem.empty()) return;
  tls_->use_certificate_chain(boost::asio::buffer(credential.client_cert_pem));
  tls_->use_private_key(boost::asio::buffer(credential.client_key_pem), ssl::context::pem);
}

void Upstream::dial(std::function<void(std::shared_ptr<WireStream>)> done) {
  const auto socket = std::make_shared<WireStream::Socket>(io_);
  socket->async_connect(address_, [this, socket, done = std::move(done)](WireStream::Code failed) {
    if (failed) return done(nullptr);
    const auto stream = std::make_shared<WireStream>(std::move(*socket), tls_ ? &*tls_ : nullptr);
    stream->connect(host_to_check_, [stream, done](WireStream::Code refused) { done(refused ? nullptr : stream); });
  });
}

}  // namespace atelier::testing
