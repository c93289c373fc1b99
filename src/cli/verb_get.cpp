#include <algorithm>
#include <ostream>

#include "atelier/kube/request.h"
#include "atelier/yaml/write.h"
#include "cli/columns.h"
#include "cli/objects.h"
#include "cli/page.h"
#include "cli/printable.h"
#include "cli/program.h"
#include "cli/verbs.h"

namespace atelier::cli {
namespace {

using nlohmann::json;

constexpr int kPageSize = 500;

struct Asked {
  std::string kind = "runs";
  std::string name;
  bool all = false;
  std::string format = "table";

  bool whole() const { return format == "json" || format == "yaml"; }
};

Result<Page> read_whole(const std::string& body) {
  const json list = json::parse(body, nullptr, false);
  if (!list.is_object() || !list.contains("items")) {
    return Error{Errc::server, "the API server's answer is not a list"};
  }
  Page page;
  for (const json& item : list["items"]) page.items.push_back(item);
  page.continue_token = list.value(json::json_pointer("/metadata/continue"), "");
  return page;
}

Result<std::vector<json>> list_all(Session& session, const KindName& kind, const Asked& asked) {
  const std::string ns = asked.all || !kind.resource.namespaced ? "" : session.ns();
  std::vector<json> items;
  kube::ListOptions options;
  options.limit = kPageSize;
  for (bool more = true; more;) {
    const auto body = session.read(kube::list(kind.resource, ns, options));
    if (!body && body.error().code == Errc::gone && options.limit > 0) {
      items.clear();  // what the pages were taken from is compacted away: once more, in one
      options = {};
      continue;
    }
    if (!body) return told(body.error(), {kind.singular, {ns, ""}}, session.server());
    ATELIER_TRY(Page page, asked.whole() ? read_whole(body.value()) : read_page(body.value()));
    std::move(page.items.begin(), page.items.end(), std::back_inserter(items));
    options.continue_token = page.continue_token;
    more = !page.continue_token.empty();
  }
  for (json& item : items) {  // a list names its kind once
    item["apiVersion"] = kind.resource.api_version();
    item["kind"] = kind.kind;
  }
  return items;
}

std::string text_at(const json& object, const char* path) { return object.value(json::json_pointer(path), ""); }

void print_whole(json document, const std::string& format, Terminal& terminal) {
  const auto strip = [](json& object) { object["metadata"].erase("managedFields"); };
  if (document.contains("items")) {
    for (json& item : document["items"]) strip(item);
  } else {
    strip(document);
  }
  const std::string text =
      format == "json" ? document.dump(2, ' ', false, json::error_handler_t::replace) + "\n" : yaml::write(document);
  terminal.out << printable_document(text);
}

Result<int> print(const KindName& kind, const std::vector<json>& items, const Asked& asked, Session& session,
                  Terminal& terminal) {
  if (asked.format == "name") {
    for (const json& item : items)
      terminal.out << kind.full_name() << "/" << printable(text_at(item, "/metadata/name")) << "\n";
    return kDone;
  }
  const bool with_namespace = asked.all && kind.resource.namespaced;
  Row head;
  if (with_namespace) head.emplace_back("NAMESPACE");
  head.emplace_back("NAME");
  for (Cell& title : titles(kind, asked.format == "wide")) head.push_back(std::move(title));
  std::vector<Row> rows;
  for (const json& item : items) {
    Row row;
    if (with_namespace) row.emplace_back(text_at(item, "/metadata/namespace"));
    row.emplace_back(text_at(item, "/metadata/name"));
    ATELIER_TRY(Row values, cells(kind, item, asked.format == "wide", session.now()));
    std::move(values.begin(), values.end(), std::back_inserter(row));
    rows.push_back(std::move(row));
  }
  terminal.out << table(head, rows, terminal);
  return kDone;
}

Result<int> run(const Asked& asked, Session& session, Terminal& terminal) {
  ATELIER_TRY(const KindName* kind, kind_of(asked.kind));
  if (!asked.name.empty()) {
    if (asked.all) return invalid("a name and -A exclude each other; give the name's namespace with -n");
    ATELIER_TRY(const json object, fetch(session, *kind, asked.name));
    if (!asked.whole()) return print(*kind, {object}, asked, session, terminal);
    print_whole(object, asked.format, terminal);
    return kDone;
  }
  ATELIER_TRY(std::vector<json> items, list_all(session, *kind, asked));
  if (asked.whole()) {
    print_whole({{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}}, asked.format, terminal);
    return kDone;
  }
  if (items.empty()) {
    const bool everywhere = asked.all || !kind->resource.namespaced;
    terminal.err << "There are no " << kind->plural
                 << (everywhere ? std::string(".") : " in namespace " + printable(session.ns()) + ".") << "\n";
    return kDone;
  }
  // The latest run is next to the prompt.
  if (kind->kind == api::PipelineRun::kKind) {
    const auto order = [](const json& run) {
      return std::pair(text_at(run, "/metadata/creationTimestamp"), text_at(run, "/metadata/name"));
    };
    std::sort(items.begin(), items.end(),
              [&](const json& one, const json& other) { return order(one) < order(other); });
  }
  return print(*kind, items, asked, session, terminal);
}

}  // namespace

void add_get(Program& program) {
  const auto asked = std::make_shared<Asked>();
  CLI::App& verb =
      program.add("get", "List runs, pipelines, workspaces, approvals, datadomains or businessdomains, or show one.",
                  [asked, &program](Session& session) { return run(*asked, session, program.terminal()); });
  verb.add_option("KIND", asked->kind, "What to list; runs without it");
  verb.add_option("NAME", asked->name, "Only this one");
  verb.add_flag("-A,--all-namespaces", asked->all, "Of all namespaces");
  verb.add_option("-o,--output", asked->format, "The form; a table without it")
      ->type_name("FORM")
      ->check(CLI::IsMember({"table", "wide", "json", "yaml", "name"}));
}

}  // namespace atelier::cli
