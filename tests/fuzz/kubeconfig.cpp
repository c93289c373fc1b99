// A kubeconfig file: any text gives a choice or a message, and no text can crash the program. Nothing is read or run.
#include "kube/kubeconfig.h"

#include "fuzz/property.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace atelier;
  const std::string text{fuzz::text_of(data, size)};
  // Two files, parted by a line that YAML does not know: the first wins.
  const std::size_t cut = text.find("\n===\n");
  auto first = kube::parse_kubeconfig(text.substr(0, cut), "one");
  if (!first) {
    fuzz::holds(first.error().code == Errc::invalid, "a refusal is the author's matter");
    fuzz::holds(first.error().message.find("one") != std::string::npos, "a refusal names the file");
    fuzz::holds(fuzz::is_utf8(first.error().message), "a refusal can be told");
    return 0;
  }
  kube::Kubeconfig merged = first.value();
  if (cut != std::string::npos) {
    auto second = kube::parse_kubeconfig(text.substr(cut + 5), "two");
    if (second) kube::merge(merged, std::move(second).value());
  }
  if (!first.value().current_context.empty()) {
    fuzz::holds(merged.current_context == first.value().current_context, "the first file has its say");
  }
  for (const std::string_view context : {"", "other"}) {
    const auto chosen = kube::choose(merged, context);
    if (!chosen) {
      fuzz::holds(chosen.error().code == Errc::invalid, "a refusal is the author's matter");
      continue;
    }
    const kube::Choice& choice = chosen.value();
    fuzz::holds(choice.cluster.server.starts_with("http"), "a server's address is HTTP");
    fuzz::holds(!choice.cluster.server.ends_with('/'), "a path can be appended to it");
    fuzz::holds(!choice.plugin || !choice.plugin->argv.empty(), "a plugin has a program");
    for (const auto& [name, value] : choice.impersonation) {
      fuzz::holds(value.find_first_of("\r\n") == std::string::npos, "a header is one line");
    }
  }
  return 0;
}
