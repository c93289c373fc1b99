#include "differential/cel/expressions.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/source_dir.h"

namespace atelier::cel {
namespace {

const Type& task() {
  static const Type type = Type::object({{"exitCode", Type::integer()},
                                         {"results", Type::object({{"rows", Type::string()}})},
                                         {"state", Type::string()}});
  return type;
}

const std::vector<std::string> kIntegers = {"0",
                                            "1",
                                            "2",
                                            "-1",
                                            "7",
                                            "0x10",
                                            "9223372036854775807",
                                            "-9223372036854775808",
                                            "n",
                                            "params.n",
                                            "ints[0]",
                                            "tasks.extract.exitCode",
                                            "table['b']",
                                            "size(day)",
                                            "int('12')",
                                            "int(x)",
                                            "int(1e18)"};
const std::vector<std::string> kFloatings = {"0.0",
                                             "1.0",
                                             "-1.5",
                                             "2.5e3",
                                             "1e300",
                                             "x",
                                             "double(n)",
                                             "double('0.1')",
                                             "0.1",
                                             "1.0/0.0",
                                             "9.2233720368547758e18",
                                             "double(ints[1])"};
const std::vector<std::string> kTexts = {"''",
                                         "'a'",
                                         "\"b\\n\"",
                                         "r'\\d'",
                                         "'\\u00e4\\U0001F600'",
                                         "'''x'y'''",
                                         "day",
                                         "params.day",
                                         "texts[0]",
                                         "tasks.extract.state",
                                         "tasks.load.results.rows",
                                         "string(n)",
                                         "string(x)",
                                         "'2026-11-21'",
                                         "'1'",
                                         "'true'",
                                         "string(true)"};
const std::vector<std::string> kBooleans = {
    "true",         "false",      "ok",          "has(params.day)", "has(tasks.load.state)", "has(tasks.extract.state)",
    "'a' in names", "has(any.x)", "bool('true')"};
const std::vector<std::string> kDynamic = {"dyn({'x': 1})",
                                           "dyn(1)",
                                           "dyn(1.0)",
                                           "dyn('a')",
                                           "dyn(null)",
                                           "dyn([1, 'a'])",
                                           "null",
                                           "dyn(true)",
                                           "any.x",
                                           "dyn({'a': 1})",
                                           "any.list",
                                           "dyn(n)",
                                           "tasks.extract.results",
                                           "[]",
                                           "{}",
                                           "[][0]",
                                           "dyn(0.0/0.0)"};

}  // namespace

const Variables& declared() {
  static const Variables variables = {
      {"n", Type::integer()},
      {"x", Type::floating()},
      {"day", Type::string()},
      {"ok", Type::boolean()},
      {"ints", Type::list(Type::integer())},
      {"texts", Type::list(Type::string())},
      {"names", Type::map(Type::string(), Type::integer())},
      {"table", Type::map(Type::string(), Type::integer())},
      {"any", Type::dynamic()},
      {"params", Type::object({{"day", Type::string()}, {"n", Type::integer()}})},
      {"tasks", Type::object({{"extract", task()}, {"load", task()}})},
      {"unset", Type::string()},
  };
  return variables;
}

const Bindings& bindings() {
  using Key = Value::Key;
  using Map = Value::Map;
  static const Bindings values = {
      {"n", Value(5)},
      {"x", Value(2.75)},
      {"day", Value("2026-11-21 \xc3\xa4\xf0\x9f\x98\x80")},
      {"ok", Value(true)},
      {"ints", Value(Value::List{Value(3), Value(1), Value(-2), Value(3)})},
      {"texts", Value(Value::List{Value("a"), Value("ab"), Value("")})},
      {"names", Value(Map{{Key("a"), Value(1)}})},
      {"table", Value(Map{{Key("a"), Value(1)}, {Key("b"), Value(2)}, {Key("c"), Value(3)}})},
      {"any", Value(Map{{Key("x"), Value(1)}, {Key("list"), Value(Value::List{Value(1), Value(2.5), Value("c")})}})},
      {"params", Value(Map{{Key("day"), Value("2026")}, {Key("n"), Value(7)}})},
      {"tasks", Value(Map{{Key("extract"), Value(Map{{Key("state"), Value("Succeeded")},
                                                     {Key("exitCode"), Value(0)},
                                                     {Key("results"), Value(Map{{Key("rows"), Value("10")}})}})},
                          {Key("load"), Value(Map{{Key("exitCode"), Value(1)}, {Key("results"), Value(Map{})}})}})},
  };
  return values;
}

std::vector<std::string> tricky() {
  std::ifstream file{atelier::testing::source_dir() + "/tests/differential/cel/tricky.jsonl"};
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) all.push_back(nlohmann::json::parse(line));
  return all;
}

std::string Expressions::typed() {
  locals_.clear();
  return of(any_sort(), 4);
}

std::string Expressions::wild() {
  locals_.clear();
  return anything(4);
}

std::string Expressions::leaf(Sort sort) {
  std::vector<std::string> fitting;
  for (const auto& [name, of] : locals_) {
    if (of == sort) fitting.push_back(name);
  }
  if (!fitting.empty() && below(2) == 0) return one_of(fitting);
  switch (sort) {
    case Sort::boolean:
      return one_of(kBooleans);
    case Sort::integer:
      return one_of(kIntegers);
    case Sort::floating:
      return one_of(kFloatings);
    case Sort::text:
      return one_of(kTexts);
    case Sort::integers:
      return one_of({"ints", "[]", "[1, 2, 3]", "[n]", "ints + [4]"});
    case Sort::texts:
      return one_of({"texts", "['a', 'b']", "[]", "[day, '']", "texts + texts"});
    default:
      return one_of({"names", "{'a': n}", "{}", "{'b': 2}"});
  }
}

std::string Expressions::of(Sort sort, int depth) {
  if (rarely()) return below(2) == 0 ? one_of(kDynamic) : "dyn(" + of(any_sort(), depth - 1) + ")";
  if (depth <= 0) return leaf(sort);
  if (rarely()) return "(" + of(sort, depth - 1) + ")";
  if (below(8) == 0) {
    return "(" + boolean(depth - 1) + " ? " + of(sort, depth - 1) + " : " + of(sort, depth - 1) + ")";
  }
  switch (sort) {
    case Sort::boolean:
      return boolean(depth);
    case Sort::integer:
      return integer(depth);
    case Sort::floating:
      return floating(depth);
    case Sort::text:
      return text(depth);
    case Sort::integers:
      return list(Sort::integer, depth);
    case Sort::texts:
      return list(Sort::text, depth);
    default:
      return leaf(sort);
  }
}

std::string Expressions::condition(Sort element, int depth) {
  const std::string name = one_of({"e", "i", "n", "x"});  // two of them hide variables
  locals_.emplace_back(name, element);
  std::string inside = name + ", " + boolean(depth - 1);
  locals_.pop_back();
  return inside;
}

std::string Expressions::boolean(int depth) {
  if (depth <= 0) return leaf(Sort::boolean);
  const Sort sort = any_sort();
  const Sort plain = static_cast<Sort>(below(4));
  const Sort element = below(2) == 0 ? Sort::integer : Sort::text;
  const std::string range = of(element == Sort::integer ? Sort::integers : Sort::texts, depth - 1);
  switch (below(9)) {
    case 0:
      return of(sort, depth - 1) + one_of({" == ", " != "}) + of(sort, depth - 1);
    case 1:
      return of(plain, depth - 1) + one_of({" < ", " <= ", " > ", " >= "}) +
             of(plain == Sort::integer && below(3) == 0 ? Sort::floating : plain, depth - 1);
    case 2:
      return "(" + boolean(depth - 1) + " && " + boolean(depth - 1) + ")";
    case 3:
      return "(" + boolean(depth - 1) + " || " + boolean(depth - 1) + " || " + boolean(depth - 1) + ")";
    case 4:
      return "!(" + boolean(depth - 1) + ")";
    case 5:
      return of(element, depth - 1) + " in " + range;
    case 6:
      return range + one_of({".all(", ".exists(", ".exists_one("}) + condition(element, depth) + ")";
    case 7:
      return of(Sort::names, depth - 1) + one_of({".all(", ".exists("}) + condition(Sort::text, depth) + ")";
    default:
      return text(depth - 1) + one_of({".startsWith(", ".endsWith(", ".contains("}) + text(depth - 1) + ")";
  }
}

std::string Expressions::integer(int depth) {
  if (depth <= 0) return leaf(Sort::integer);
  switch (below(6)) {
    case 0:
      return "size(" + of(one_of({"t", "l"}) == "t" ? Sort::text : Sort::integers, depth - 1) + ")";
    case 1:
      return "int(" + of(below(2) == 0 ? Sort::floating : Sort::text, depth - 1) + ")";
    case 2:
      return "-(" + integer(depth - 1) + ")";
    case 3:
      return "(" + of(Sort::integers, depth - 1) + ")[" + integer(depth - 1) + "]";
    default:
      return "(" + integer(depth - 1) + one_of({" + ", " - ", " * ", " / ", " % "}) + integer(depth - 1) + ")";
  }
}

std::string Expressions::floating(int depth) {
  if (depth <= 0) return leaf(Sort::floating);
  switch (below(4)) {
    case 0:
      return "double(" + of(below(2) == 0 ? Sort::integer : Sort::text, depth - 1) + ")";
    case 1:
      return "-" + std::string("(") + floating(depth - 1) + ")";
    default:
      return "(" + floating(depth - 1) + one_of({" + ", " - ", " * ", " / "}) + floating(depth - 1) + ")";
  }
}

std::string Expressions::text(int depth) {
  if (depth <= 0) return leaf(Sort::text);
  switch (below(4)) {
    case 0:
      return "string(" + of(static_cast<Sort>(below(4)), depth - 1) + ")";
    case 1:
      return "(" + of(Sort::texts, depth - 1) + ")[" + integer(depth - 1) + "]";
    default:
      return "(" + text(depth - 1) + " + " + text(depth - 1) + ")";
  }
}

std::string Expressions::list(Sort element, int depth) {
  const Sort sort = element == Sort::integer ? Sort::integers : Sort::texts;
  const std::string range = "(" + of(sort, depth - 1) + ")";
  switch (below(6)) {
    case 5:  // a short one: cel-go has no limit
      return element == Sort::integer ? "lists.range((" + integer(depth - 1) + ") % 7)" : range;
    case 0:
      return range + ".filter(" + condition(element, depth) + ")";
    case 1:
      locals_.emplace_back("e", element);
      {
        std::string made = range + ".map(e, " + (below(2) == 0 ? boolean(depth - 1) + ", " : "");
        made += of(element, depth - 1) + ")";
        locals_.pop_back();
        return made;
      }
    case 2:
      return "(" + range + " + " + of(sort, depth - 1) + ")";
    default:
      return "[" + of(element, depth - 1) + ", " + of(element, depth - 1) + "]";
  }
}

std::string Expressions::anything(int depth) {
  if (depth <= 0) return below(3) == 0 ? one_of(kDynamic) : leaf(any_sort());
  const auto next = [&] { return below(3) == 0 ? "dyn(" + anything(depth - 1) + ")" : anything(depth - 1); };
  const auto element = [&] {
    locals_.emplace_back("e", any_sort());
    std::string inside = "e, " + next();
    locals_.pop_back();
    return inside;
  };
  switch (below(14)) {
    case 0:
      return "(" + next() + one_of({" + ", " - ", " * ", " / ", " % "}) + next() + ")";
    case 1:
      return "(" + next() + one_of({" == ", " != ", " < ", " <= ", " > ", " >= ", " in "}) + next() + ")";
    case 2:
      return "(" + next() + one_of({" && ", " || "}) + next() + ")";
    case 3:
      return "(" + next() + " ? " + next() + " : " + next() + ")";
    case 4:
      return one_of({"!", "-", "!!", "--", "-!"}) + "(" + next() + ")";
    case 5:
      return "[" + next() + ", " + next() + "]";
    case 6:
      return "{" + one_of({"'a'", "1", "true"}) + ": " + next() + "}";
    case 7:
      return next() + "[" + next() + "]";
    case 8:
      return next() + one_of({".x", ".a", ".day"});
    case 9:
      return "has(" + next() + one_of({".x", ".a", ".day"}) + ")";
    case 10:
      return one_of({"size", "int", "double", "string", "bool", "dyn"}) + "(" + next() + ")";
    case 11:
      return "(" + next() + ")" + one_of({".contains(", ".startsWith(", ".endsWith("}) + next() + ")";
    case 12:
      return "(" + next() + ")" + one_of({".all(", ".exists(", ".exists_one(", ".filter(", ".map("}) + element() + ")";
    default:
      return of(any_sort(), depth - 1);
  }
}

}  // namespace atelier::cel
