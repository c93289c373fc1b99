// What looks like a secret: by the name it goes by, or by its form.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atelier::convert {

// POSTGRES_PASSWORD, apiKey, S3_SECRET_KEY; not the name of a file or of an object that holds one.
bool names_secret(std::string_view name);

// Whether a URL in it has a user and a password, or a token in the place of the user.
bool holds_credentials(std::string_view text);

// A variable or an option of that name is given a value in these words of a command line, which may be a script:
// PGPASSWORD=... or --password ...; its name. Values that begin with "$" are references.
std::optional<std::string> secret_option(const std::vector<std::string>& words);

// Whether the value is a reference to other variables and nothing else, as "${workspace}" or "$(OTHER)".
bool is_reference(std::string_view value);

}  // namespace atelier::convert
