// Whether PEM texts are what they are used for, before libcurl meets them: files may be half written.
#pragma once

#include <string>

#include "atelier/base/result.h"

namespace atelier::kube {

// Error: invalid, as the end of a sentence about the text: "holds no certificate in PEM form".
Result<void> check_authority(const std::string& pem);
Result<void> check_key_pair(const std::string& certificate_pem, const std::string& key_pem);

}  // namespace atelier::kube
