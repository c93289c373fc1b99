#include "cli/identity.h"

#include <nlohmann/json.hpp>

#include "atelier/kube/oldest_version.h"
#include "atelier/kube/request.h"
#include "cli/failure.h"

namespace atelier::cli {

Result<std::string> own_user_name(Session& session) {
  const kube::Resource reviews{"authentication.k8s.io", "v1", "selfsubjectreviews", false};
  const auto review = session.ask(
      kube::create(reviews, "", {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}}));
  if (!review) return told(review.error(), {"user", {}}, session.server());
  std::string name = review.value().value(nlohmann::json::json_pointer("/status/userInfo/username"), "");
  if (name.empty())
    return Error{Errc::server,
                 "the cluster does not say who you are; it needs Kubernetes " + kube::oldest_version() + " or later"};
  return name;
}

}  // namespace atelier::cli
