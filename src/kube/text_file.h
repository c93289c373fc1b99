// Small files that configure us: kubeconfigs, certificates, tokens.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "atelier/base/result.h"

namespace atelier::kube {

inline constexpr std::size_t kLongestFile = std::size_t{8} << 20;

// The whole file. Error: not_found if it is not there, otherwise invalid; with the path and the reason.
Result<std::string> read_whole_file(const std::string& path, std::size_t longest = kLongestFile);

// Whether it may be the value of an HTTP header: nothing that ends a line or a string.
bool is_header_value(std::string_view text);

}  // namespace atelier::kube
