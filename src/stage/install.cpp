#include "stage/install.h"

#include <fcntl.h>

#include <cerrno>

#include "stage/content.h"
#include "stage/folder.h"
#include "stage/mirror.h"
#include "stage/storage.h"

namespace atelier::stage {

Result<void> install(const std::string& destination) {
  const auto failed = [&](Errno error) { return Storage::failure(error, "install the program as", destination); };
  const Descriptor self(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  if (self.get() < 0) return Storage::failure(Errno{errno}, "read", "/proc/self/exe");
  auto folder = Folder::open(destination.find('/') == std::string::npos ? "." : parent_of(destination) + "/");
  if (!folder) return failed(folder.error());
  const std::string name = name_in(destination);
  const std::string aside = "." + name + ".new";
  if (auto removed = folder->remove_file(aside); !removed && removed.error().code != ENOENT)
    return failed(removed.error());
  {
    auto file = folder->create_file(aside);
    if (!file) return failed(file.error());
    if (auto content = copy_content(self, *file); !content) return failed(content.error().error);
    if (auto set = file->set_mode(0555); !set) return failed(set.error());
  }
  if (auto renamed = folder->rename(aside, *folder, name); !renamed) return failed(renamed.error());
  return {};
}

}  // namespace atelier::stage
