// Gives tokens as docker-registry wants them: a JWT signed with ES256, with its certificate in the header.
#pragma once

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "atelier/base/base64.h"
#include "unit/http/tls_server.h"

namespace atelier::testing {

class TokenServer {
 public:
  // `authority` signs what it serves with and what it signs tokens with.
  TokenServer(http::AsioLoop& loop, const Authority& authority)
      : signer_(authority.issue("tokens")), server_(loop, authority.issue("server"), authority.pem()) {
    server_.answer = [this](const std::string&) { return answer(server_.request); };
  }

  std::string realm() const { return server_.url + "/token?from=here"; }
  const std::string& url() const { return server_.url; }
  int given = 0;
  std::string line;  // of the last request
  std::string wanted_proof = "Basic " + base64_encode("ann:open sesame");

 private:
  static std::string url_safe(std::string text) {
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.erase(std::find(text.begin(), text.end(), '='), text.end());
    return text;
  }
  // The certificate without the lines around it: DER in base64.
  std::string x5c() const {
    std::string pem = signer_.certificate;
    pem.erase(0, pem.find('\n'));
    pem.erase(pem.find("-----END"));
    std::erase(pem, '\n');
    return pem;
  }
  // As JWS has it: the two numbers beside each other, 32 bytes each.
  std::string signature(const std::string& text) const {
    const std::unique_ptr<BIO, int (*)(BIO*)> bio{BIO_new_mem_buf(signer_.key.data(), -1), &BIO_free};
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
    std::array<unsigned char, 128> der{};
    std::size_t length = der.size();
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    EVP_DigestSign(context.get(), der.data(), &length, reinterpret_cast<const unsigned char*>(text.data()),
                   text.size());
    const unsigned char* at = der.data();
    const std::unique_ptr<ECDSA_SIG, void (*)(ECDSA_SIG*)> pair{d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(length)),
                                                                &ECDSA_SIG_free};
    std::array<unsigned char, 64> raw{};
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), raw.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), raw.data() + 32, 32);
    return {raw.begin(), raw.end()};
  }
  std::string token() const {
    const auto now = std::time(nullptr);
    const nlohmann::json header{{"typ", "JWT"}, {"alg", "ES256"}, {"x5c", {x5c()}}};
    const nlohmann::json claims{
        {"iss", "issuer"}, {"aud", "the registry"},
        {"sub", "ann"},    {"nbf", now - 60},
        {"iat", now - 60}, {"exp", now + 300},
        {"jti", "1"},      {"access", {{{"type", "repository"}, {"name", "team/app"}, {"actions", {"pull"}}}}}};
    const std::string text = url_safe(base64_encode(header.dump())) + "." + url_safe(base64_encode(claims.dump()));
    return text + "." + url_safe(base64_encode(signature(text)));
  }
  std::string answer(const std::string& request) {
    line = request.substr(0, request.find("\r\n"));
    const bool known = request.find("\r\nAuthorization: " + wanted_proof + "\r\n") != std::string::npos;
    if (!known) return "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    ++given;
    const std::string body = nlohmann::json{{"token", token()}, {"expires_in", 300}}.dump();
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  KeyPair signer_;
  TlsServer server_;
};

}  // namespace atelier::testing
