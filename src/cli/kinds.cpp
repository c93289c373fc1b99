#include "cli/kinds.h"

#include <algorithm>

#include "atelier/api/codec.h"

namespace atelier::cli {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return text;
}

template <class T>
KindName name_of(std::string singular, std::string plural, std::vector<std::string> more) {
  const std::string lower = lower_case(T::kKind);
  more.push_back(lower);
  more.push_back(T::kPlural);
  more.push_back(lower + "." + api::kGroup);
  more.push_back(std::string(T::kPlural) + "." + api::kGroup);
  return {T::kKind,
          std::move(singular),
          std::move(plural),
          std::move(more),
          {api::kGroup, api::kVersion, T::kPlural, T::kNamespaced}};
}

}  // namespace

std::string KindName::full_name() const { return lower_case(kind) + "." + resource.group; }

const std::vector<KindName>& kind_names() {
  static const std::vector<KindName> kNames{
      name_of<api::PipelineRun>("run", "runs", {"plr"}),
      name_of<api::Pipeline>("pipeline", "pipelines", {"pl"}),
      name_of<api::Workspace>("workspace", "workspaces", {"ws"}),
      name_of<api::Approval>("approval", "approvals", {"apv"}),
      name_of<api::DataDomain>("datadomain", "datadomains", {"dd"}),
      name_of<api::BusinessDomain>("businessdomain", "businessdomains", {"bd"}),
  };
  return kNames;
}

Result<const KindName*> kind_of(std::string_view name) {
  const std::string lower = lower_case(std::string(name));
  std::string known;
  for (const KindName& one : kind_names()) {
    const bool named = lower == one.singular || lower == one.plural ||
                       std::find(one.aliases.begin(), one.aliases.end(), lower) != one.aliases.end();
    if (named) return &one;
    known += (known.empty() ? "" : ", ") + one.plural;
  }
  return invalid("there is no kind \"" + std::string(name) + "\"; there are " + known);
}

const KindName& kind_named(std::string_view kind) {
  return *std::find_if(kind_names().begin(), kind_names().end(), [&](const KindName& one) { return one.kind == kind; });
}

}  // namespace atelier::cli
