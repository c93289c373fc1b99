#include "stage/sequence.h"

#include <cerrno>
#include <optional>

#include "stage/json.h"
#include "stage/refusals.h"

namespace atelier::stage {
namespace {

Result<std::optional<std::uint64_t>> recorded(const Storage& storage, const Holder& holder) {
  auto text = storage.sequences.read_file(holder.name, 4096);
  if (!text) {
    const int code = text.error().code;
    if (code == ENOENT || code == EFBIG || code == EINVAL || code == ELOOP) return std::optional<std::uint64_t>();
    return Storage::failure(text.error(), "read the sequence", storage.sequences.path_of(holder.name));
  }
  const auto json = Json::parse(*text);
  if (!json || json->string_at("uid") != holder.uid) return std::optional<std::uint64_t>();
  return json->number_at("sequence");
}

Result<std::optional<std::uint64_t>> not_superseded(const Storage& storage, const Holder& holder,
                                                    std::uint64_t sequence) {
  auto newest = recorded(storage, holder);
  if (newest && *newest && **newest > sequence) {
    return Failure{Reason::superseded,
                   "publish " + std::to_string(sequence) + " of " + holder.namespace_name + "/" + holder.name +
                       " comes too late: publish " + std::to_string(**newest) + " has begun. Nothing was changed.",
                   {{"newest", std::to_string(**newest)}}};
  }
  return newest;
}

}  // namespace

Result<void> check_sequence(const Storage& storage, const Holder& holder, std::uint64_t sequence) {
  auto newest = not_superseded(storage, holder, sequence);
  if (!newest) return newest.error();
  return {};
}

Result<void> advance_sequence(const Storage& storage, const Holder& holder, std::uint64_t sequence) {
  auto newest = not_superseded(storage, holder, sequence);
  if (!newest) return newest.error();
  if (*newest == sequence) return {};
  const std::string text =
      R"({"uid":)" + json_string(holder.uid) + R"(,"sequence":)" + std::to_string(sequence) + "}\n";
  return storage.replace_file(holder.name, storage.sequences, holder.name, text);
}

}  // namespace atelier::stage
