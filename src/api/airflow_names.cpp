#include "atelier/api/airflow_names.h"

#include <algorithm>
#include <array>

namespace atelier::api {
namespace {

constexpr auto kKept = std::to_array<std::string_view>(
    {// Airflow, its workers, its web server, its telemetry
     "AIRFLOW*", "CELERY*", "C_FORCE_ROOT", "FLOWER*", "FLASK*", "WERKZEUG*", "GUNICORN*", "UVICORN*",
     "WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "STATSD*", "OTEL*", "OPENLINEAGE*", "SENTRY*", "NEW_RELIC*",
     // its database
     "SQLALCHEMY*", "PG*", "MYSQL*", "ODBC*", "FREETDS*", "ORACLE*", "TNS_ADMIN",
     // the start of its image
     "CONNECTION_CHECK*", "DUMB_INIT*", "PIP*", "UV_*",
     // Atelier
     "ATELIER*",
     // Python
     "PYTHON*", "VIRTUAL_ENV", "CONDA*",
     // the process and its shell
     "PATH", "HOME", "USER", "LOGNAME", "SHELL", "PWD", "OLDPWD", "HOSTNAME", "TERM", "TMPDIR", "TEMP", "TMP", "UMASK",
     "XDG_*", "ENV", "IFS", "PS4", "CDPATH", "GLOBIGNORE", "PROMPT_COMMAND", "SHELLOPTS", "BASH*", "EDITOR", "VISUAL",
     "PAGER", "BROWSER",
     // the C library
     "LD_*", "GLIBC*", "MALLOC*", "GCONV_PATH", "LOCPATH", "NLSPATH", "RES_OPTIONS", "HOSTALIASES", "LOCALDOMAIN",
     "TZ*", "LANG*", "LC_*",
     // whom it talks to, and whom it believes
     "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL*", "OPENSSL*", "REQUESTS*", "CURL*",
     "NETRC", "KRB5*", "SASL*", "LDAP*", "GRPC_*", "KUBE*", "VAULT*",
     // clouds
     "AWS*", "BOTO*", "ECS_*", "GOOGLE*", "GCLOUD*", "GCE_METADATA*", "NO_GCE_CHECK", "CLOUDSDK*", "AZURE*", "ARM_*",
     "IDENTITY_*", "MSI_*", "IMDS_*", "OCI_*", "ALIBABA*", "SNOWFLAKE*", "DATABRICKS*",
     // programs that tasks start
     "DOCKER*", "SPARK*", "HADOOP*", "GIT*", "SSH*", "JAVA*", "JDK*", "CLASSPATH", "NODE_OPTIONS", "NODE_PATH",
     "PERL5*", "RUBYOPT", "RUBYLIB"});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string in_capitals(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool covers(std::string_view kept, std::string_view name) {
  if (!kept.ends_with('*')) return name == kept;
  kept.remove_suffix(1);
  return name.starts_with(kept);
}

}  // namespace

std::span<const std::string_view> names_kept_from_airflow() { return kKept; }

bool is_airflow_name(std::string_view name) {
  constexpr std::size_t kLongest = 253;  // of a ConfigMap's key
  const auto inner = [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kLongest && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), inner);
}

std::string why_not_for_airflow(std::string_view name) {
  const std::string quoted = "\"" + std::string(name) + "\" ";
  if (!is_airflow_name(name)) {
    return quoted +
           "cannot name a variable of Airflow; use at most 253 letters, digits and \"_\", beginning with a letter";
  }
  const std::string capitals = in_capitals(name);
  const auto kept =
      std::find_if(kKept.begin(), kKept.end(), [&](std::string_view one) { return covers(one, capitals); });
  if (kept == kKept.end()) return "";
  return quoted + "would change Airflow itself, for all workspaces (" + std::string(*kept) +
         "); give it a name of your own, such as one that begins with the workspace's";
}

bool is_airflow_value(std::string_view value) { return value.find('\0') == std::string_view::npos; }

}  // namespace atelier::api
