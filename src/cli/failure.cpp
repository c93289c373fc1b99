#include "cli/failure.h"

namespace atelier::cli {
namespace {

std::string place_of(const Subject& subject) {
  return subject.key.ns.empty() ? "" : " in namespace \"" + subject.key.ns + "\"";
}

std::string remedy_of_absence(const Subject& subject) {
  if (subject.what == "pod") return "; pods of attempts that are over go after a while";
  return "; see: atelier get " + subject.what + "s" + (subject.key.ns.empty() ? "" : " -n " + subject.key.ns);
}

}  // namespace

int exit_code_of(const Error& error) {
  return error.code == Errc::invalid && error.http_status == 0 ? kUsage : kFailed;
}

Error told(const Error& error, const Subject& subject, const std::string& server) {
  Error out = error;
  switch (error.code) {
    case Errc::not_found:
      if (!subject.key.name.empty()) {
        out.message = "there is no " + subject.what + " \"" + subject.key.name + "\"" + place_of(subject) +
                      remedy_of_absence(subject);
      }
      break;
    case Errc::forbidden:
      out.message = error.message + "; ask whoever runs the platform for it, and see: atelier doctor";
      break;
    case Errc::unauthorized:
      out.message = "the cluster does not accept your credentials (" + error.message +
                    "); log in again, or choose another --context";
      break;
    case Errc::transport:
      out.message = "no answer from " + server + ": " + error.message +
                    "; is it the right --context, and does kubectl version answer?";
      break;
    case Errc::throttled:
      out.message = error.message + "; the cluster is busy: try again in a while";
      break;
    case Errc::conflict:
      out.message = error.message + "; somebody else changed it at the same time: look at it and try again";
      break;
    case Errc::server:
      if (error.http_status == 404) {
        out.message =
            "the cluster does not know the kinds of atelier.dev; an administrator installs them with: kubectl apply "
            "--server-side -k crds";
      }
      break;
    default:
      break;
  }
  return out;
}

}  // namespace atelier::cli
