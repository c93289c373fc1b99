#include "render/labels.h"

#include "atelier/base/digest.h"

namespace atelier::render {

std::string publish_pod_name(const ObjectKey& workspace) {
  return hashed_name("publish-" + workspace.name, "publish/" + workspace.to_string());
}

std::string sweep_pod_name(const std::string& data_domain) {
  return hashed_name("sweep-" + data_domain, "sweep/" + data_domain);
}

}  // namespace atelier::render
