#include "cli/completion.h"

#include <algorithm>
#include <vector>

#include "cli/kinds.h"
#include "cli/terminal.h"

namespace atelier::cli {
namespace {

struct Flag {
  std::vector<std::string> names;  // "-o", "--output"
  std::string about;
  bool takes_value = false;
  std::vector<std::string> values;  // those there are; empty: anything
};

struct Verb {
  std::string name;
  std::string about;
  std::vector<Flag> flags;
  std::string first;                // what its first word is: PIPELINE, FILE, ...; empty: it takes none
  std::vector<std::string> values;  // of that word
};

// CLI11 writes what an option may be as TEXT:{a,b}.
std::vector<std::string> values_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t begin = type.find('{');
  if (begin == std::string::npos) return {};
  return CLI::detail::split(type.substr(begin + 1, type.find('}') - begin - 1), ',');
}

Verb verb_of(const CLI::App& app) {
  Verb verb{app.get_name(), app.get_description(), {}, "", {}};
  for (const CLI::Option* option : app.get_options()) {
    Flag flag{{}, option->get_description(), option->get_items_expected_max() > 0, values_of(*option)};
    for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
    if (!flag.names.empty()) {
      verb.flags.push_back(std::move(flag));
    } else if (verb.first.empty()) {
      verb.first = option->get_name(true);
      verb.values = flag.values;
      if (verb.first == "KIND") {
        for (const KindName& kind : kind_names()) verb.values.push_back(kind.plural);
      }
    }
  }
  return verb;
}

std::vector<Verb> verbs_of(const CLI::App& app) {
  std::vector<Verb> out;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) out.push_back(verb_of(*verb));
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// The kind whose names the first word of a verb is one of; empty: it is none.
std::string kind_of_word(const std::string& word) {
  if (word == "RUN" || word == "WHAT") return "runs";
  if (word == "PIPELINE") return "pipelines";
  return word == "WORKSPACE" ? "workspaces" : "";
}

// Shells expand what they are offered, `compgen -W` even $(...): what can be no name is left out, whoever answers.
constexpr const char* kNames =
    "_atelier_names() { atelier get \"$1\" -o name 2> /dev/null | sed 's|.*/||' | "
    "LC_ALL=C grep -E '^[a-z0-9][a-z0-9.-]*$'; }\n";

std::string bash(const std::vector<Verb>& verbs) {
  std::string names, flags, values, first;
  for (const Verb& verb : verbs) {
    names += (names.empty() ? "" : " ") + verb.name;
    std::vector<std::string> all;
    for (const Flag& flag : verb.flags) {
      all.insert(all.end(), flag.names.begin(), flag.names.end());
      if (!flag.takes_value) continue;
      std::string pattern;
      for (const std::string& name : flag.names)
        pattern += (pattern.empty() ? "'" : "|'") + verb.name + " " + name + "'";
      values += "    " + pattern + ") ";
      values += flag.values.empty() ? "compopt -o default; return ;;\n" : "words='" + joined(flag.values) + "' ;;\n";
    }
    flags += "      " + verb.name + ") words='" + joined(all) + "' ;;\n";
    const std::string kind = kind_of_word(verb.first);
    if (!verb.values.empty()) {
      first += "      " + verb.name + ") words='" + joined(verb.values) + "' ;;\n";
    } else if (!kind.empty()) {
      first += "      " + verb.name + ") words=$(_atelier_names " + kind + ") ;;\n";
    } else if (verb.first == "FILE") {
      first += "      " + verb.name + ") compopt -o default; return ;;\n";
    }
  }
  return "# bash completion of atelier; to use it: source <(atelier completion bash)\n" + std::string(kNames) +
         "_atelier() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]} words=''\n"
         "  COMPREPLY=()\n"
         "  case \"$verb ${COMP_WORDS[COMP_CWORD-1]}\" in\n" +
         values +
         "  esac\n"
         "  if [ -n \"$words\" ]; then\n"
         "    :\n"
         "  elif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    words='" +
         names +
         " --help --version'\n"
         "  elif [ \"${word#-}\" != \"$word\" ]; then\n"
         "    case \"$verb\" in\n" +
         flags +
         "    esac\n"
         "  elif [ \"$COMP_CWORD\" -eq 2 ]; then\n"
         "    case \"$verb\" in\n" +
         first +
         "    esac\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "}\n"
         "complete -F _atelier atelier\n";
}

std::string zsh(const std::vector<Verb>& verbs) {
  std::string names, cases;
  const auto bare = [](std::string text) {  // what _arguments would read
    for (std::string_view special : {"[", "]", ":"}) {
      for (std::size_t at = text.find(special); at != std::string::npos; at = text.find(special, at + 2))
        text.insert(at, "\\");
    }
    return text;
  };
  for (const Verb& verb : verbs) {
    names += "    " + in_single_quotes(verb.name + ":" + verb.about) + "\n";
    cases += "    " + verb.name + ")\n      _arguments";
    for (const Flag& flag : verb.flags) {
      for (const std::string& name : flag.names) {
        std::string spec = name + "[" + bare(flag.about) + "]";
        if (flag.takes_value) spec += ":value:" + (flag.values.empty() ? "_files" : "(" + joined(flag.values) + ")");
        cases += " \\\n        " + in_single_quotes(spec);
      }
    }
    const std::string kind = kind_of_word(verb.first);
    if (!verb.values.empty()) {
      cases += " \\\n        " + in_single_quotes("1:" + verb.first + ":(" + joined(verb.values) + ")");
    } else if (!kind.empty()) {
      cases += " \\\n        " + in_single_quotes("1:" + verb.first + ":($(_atelier_names " + kind + "))");
    } else if (verb.first == "FILE") {
      cases += " \\\n        '*:FILE:_files'";
    }
    cases += " ;;\n";
  }
  return "#compdef atelier\n"
         "# zsh completion of atelier; to use it: source <(atelier completion zsh)\n" +
         std::string(kNames) +
         "_atelier() {\n"
         "  local -a verbs=(\n" +
         names +
         "  )\n"
         "  if (( CURRENT == 2 )); then\n"
         "    _describe verb verbs\n"
         "    return\n"
         "  fi\n"
         "  local verb=$words[2]\n"
         "  shift words\n"
         "  (( CURRENT-- ))\n"
         "  case $verb in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _atelier atelier\n";
}

std::string fish(const std::vector<Verb>& verbs) {
  std::string out =
      "# fish completion of atelier; to use it: atelier completion fish | source\n"
      "function __atelier_names; atelier get $argv[1] -o name 2> /dev/null | string replace -r '.*/' '' | "
      "string match -r '^[a-z0-9][a-z0-9.-]*$'; end\n"
      "complete -c atelier -f\n";
  for (const Verb& verb : verbs) {
    out +=
        "complete -c atelier -n __fish_use_subcommand -a " + verb.name + " -d " + in_single_quotes(verb.about) + "\n";
    const std::string line = "complete -c atelier -n '__fish_seen_subcommand_from " + verb.name + "'";
    const std::string kind = kind_of_word(verb.first);
    if (!verb.values.empty()) out += line + " -a '" + joined(verb.values) + "'\n";
    if (!kind.empty()) out += line + " -a '(__atelier_names " + kind + ")'\n";
    if (verb.first == "FILE" || verb.first == "WHAT") out += line + " -F\n";
    for (const Flag& flag : verb.flags) {
      out += line;
      for (const std::string& name : flag.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (flag.takes_value) out += flag.values.empty() ? " -r -F" : " -x -a '" + joined(flag.values) + "'";
      out += " -d " + in_single_quotes(flag.about) + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completion(const std::string& shell, const CLI::App& app) {
  const std::vector<Verb> verbs = verbs_of(app);
  if (shell == "bash") return bash(verbs);
  return shell == "zsh" ? zsh(verbs) : fish(verbs);
}

}  // namespace atelier::cli
