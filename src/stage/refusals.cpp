#include "stage/refusals.h"

#include "stage/utf8.h"

namespace atelier::stage {
namespace {

constexpr std::size_t kShownPath = 400;  // so that five long paths leave room for the rest of the message

}  // namespace

void Refusals::add(const std::string& path, const std::string& why) {
  if (++count_ > kNamed) return;
  const std::string shown = printable(path);
  const bool cut = shown.size() > kShownPath;
  named_ += (count_ > 1 ? "; " : "") + std::string(utf8_prefix(shown, kShownPath)) + (cut ? "…" : "") + " " + why;
}

std::string Refusals::text() const {
  return count_ > kNamed ? named_ + "; and " + std::to_string(count_ - kNamed) + " more" : named_;
}

Failure Refusals::failure(const std::string& root) const {
  return {Reason::dags_refused, "refused in " + printable(root) + ": " + text() +
                                    ". Ship plain files and folders only, or leave these out with spec.dags.include."};
}

const char* special_kind(mode_t mode) {
  if (S_ISLNK(mode)) return "is a symbolic link";
  if (S_ISFIFO(mode)) return "is a FIFO";
  if (S_ISSOCK(mode)) return "is a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "is a device";
  return S_ISREG(mode) || S_ISDIR(mode) ? nullptr : "is neither a file nor a folder";
}

}  // namespace atelier::stage
