// The bytes of one file: hashed, and copied while being hashed.
#pragma once

#include <cstdint>

#include "stage/descriptor.h"
#include "stage/expected.h"
#include "stage/new_file.h"
#include "stage/sha256.h"

namespace atelier::stage {

struct Content {
  std::uint64_t size = 0;
  Digest digest{};

  bool operator==(const Content&) const = default;
};

// Reads from where the descriptor stands to the end.
Sys<Content> read_content(const Descriptor& file);

// Which side failed decides whom the failure belongs to.
struct CopyError {
  Errno error;
  bool reading = false;
};

Expected<Content, CopyError> copy_content(const Descriptor& from, NewFile& to);

}  // namespace atelier::stage
