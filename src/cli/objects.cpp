#include "cli/objects.h"

#include "atelier/api/validate.h"
#include "atelier/kube/request.h"

namespace atelier::cli {

Result<nlohmann::json> fetch(Session& session, const KindName& kind, const std::string& name) {
  if (!api::is_object_name(name)) {
    return invalid("\"" + name + "\" can be no " + kind.singular +
                   "'s name: it has small letters, digits, - and . only");
  }
  const ObjectKey key = key_of(session, kind, name);
  auto object = session.ask(kube::get(kind.resource, key));
  if (!object) return told(object.error(), {kind.singular, key}, session.server());
  return object;
}

}  // namespace atelier::cli
