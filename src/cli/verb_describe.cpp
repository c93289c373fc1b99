#include <ostream>

#include "cli/describe.h"
#include "cli/objects.h"
#include "cli/program.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

struct Asked {
  std::string kind;
  std::string name;
};

Result<int> run(const Asked& asked, Session& session, Terminal& terminal) {
  ATELIER_TRY(const KindName* kind, kind_of(asked.kind));
  ATELIER_TRY(const nlohmann::json object, fetch(session, *kind, asked.name));
  const Uid uid{object.value(nlohmann::json::json_pointer("/metadata/uid"), "")};
  const ObjectKey key = key_of(session, *kind, asked.name);
  ATELIER_TRY(const std::string text,
              describe(*kind, object, events_about(session, key.ns, uid), session.now(), terminal));
  terminal.out << text;
  return kDone;
}

}  // namespace

void add_describe(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("describe", "Tell all that matters of one object, with its conditions and events.",
                  [asked, &program](Session& session) { return run(*asked, session, program.terminal()); });
  verb.add_option("KIND", asked->kind, "run, pipeline, workspace, approval, datadomain or businessdomain")->required();
  verb.add_option("NAME", asked->name, "Its name")->required();
}

}  // namespace atelier::cli
