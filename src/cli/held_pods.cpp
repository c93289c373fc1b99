#include "cli/held_pods.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "atelier/kube/decode.h"

namespace atelier::cli {

Result<HeldPage> read_held(std::string& body) {
  HeldPage page;
  std::optional<Error> unread;
  kube::EnvelopeParser parser;
  const auto list = parser.list(body, [&](const kube::Identity& identity, std::string_view object) {
    auto pod = reconcile::decode_pod(object);
    if (!pod) {
      unread = Error{Errc::server, "pod " + identity.key.to_string() + " cannot be read: " + pod.error().message};
    } else if (pod.value()->holds_result()) {
      page.pods.push_back(std::move(pod).value());
    }
  });
  if (!list) return Error{Errc::server, "the API server's answer is not a list: " + list.error().message};
  if (unread) return *unread;
  page.continue_token = list.value().continue_token;
  return page;
}

Release release_of(const Result<nlohmann::json>& answer) {
  if (answer) return Release::done;
  switch (answer.error().code) {
    case Errc::not_found:
      return Release::gone;
    case Errc::forbidden:
    case Errc::unauthorized:
      return Release::refused;
    default:
      return Release::again;
  }
}

}  // namespace atelier::cli
