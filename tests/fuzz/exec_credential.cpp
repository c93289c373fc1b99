// What an exec plugin prints: a credential or a message that does not repeat it.
#include "fuzz/property.h"
#include "kube/exec_plugin.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  const std::string_view text = fuzz::text_of(data, size);
  for (const std::string_view version : {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}) {
    const auto read = kube::parse_exec_credential(text, version, WallTime{std::chrono::seconds{1'700'000'000}});
    if (!read) {
      fuzz::holds(fuzz::is_utf8(read.error().message), "a refusal can be told");
      continue;
    }
    const kube::ExecCredential& credential = read.value();
    fuzz::holds(credential.client_cert_pem.empty() == credential.client_key_pem.empty(), "certificates have their key");
    fuzz::holds(credential.token.find_first_of("\r\n") == std::string::npos, "a header is one line");
  }
  return 0;
}
