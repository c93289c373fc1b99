#include "atelier/base/result.h"

namespace atelier {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::not_found:
      return "not found";
    case Errc::already_exists:
      return "already exists";
    case Errc::conflict:
      return "conflict";
    case Errc::gone:
      return "gone";
    case Errc::throttled:
      return "throttled";
    case Errc::invalid:
      return "invalid";
    case Errc::forbidden:
      return "forbidden";
    case Errc::unauthorized:
      return "unauthorized";
    case Errc::transport:
      return "transport";
    case Errc::cancelled:
      return "cancelled";
    case Errc::server:
      return "server";
  }
  return "unknown";
}

}  // namespace atelier
