#include "atelier/http/authorities.h"

#include <curl/curl.h>

#include <fstream>
#include <iterator>

namespace atelier::http {

std::string system_authorities() {
  const curl_version_info_data* const libcurl = curl_version_info(CURLVERSION_NOW);
  if (libcurl->cainfo == nullptr) return {};
  std::ifstream file{libcurl->cainfo, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace atelier::http
