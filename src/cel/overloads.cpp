#include "cel/overloads.h"

#include <algorithm>
#include <array>
#include <set>

#include "cel/token.h"

namespace atelier::cel {
namespace {

using Style = Node::Style;

std::vector<Overload> standard() {
  const Type a = Type::parameter(0);
  const Type b = Type::parameter(1);
  const Type list = Type::list(a);
  const Type map = Type::map(a, b);
  const Type boolean = Type::boolean();
  const Type integer = Type::integer();
  const Type floating = Type::floating();
  const Type text = Type::string();
  const Type bytes = Type::bytes();
  const Type natural = Type::natural();
  const Type duration = Type::duration();
  const Type timestamp = Type::timestamp();

  std::vector<Overload> all;
  const auto add = [&](std::string_view name, Style style, std::vector<Type> arguments, const Type& result) {
    all.push_back({name, style, std::move(arguments), result});
  };
  const auto same = [&](std::string_view name, const std::vector<Type>& types) {
    for (const Type& type : types) add(name, Style::sign, {type, type}, type);
  };
  const auto conversion = [&](std::string_view name, const Type& result, const std::vector<Type>& types) {
    for (const Type& type : types) add(name, Style::function, {type}, result);
  };
  add("?:", Style::sign, {boolean, a, a}, a);
  add("!", Style::sign, {boolean}, boolean);
  for (const char* name : {"==", "!="}) add(name, Style::sign, {a, a}, boolean);
  for (const char* name : {"<", "<=", ">", ">="}) {
    add(name, Style::sign, {boolean, boolean}, boolean);
    for (const Type& other : {integer, floating, natural}) add(name, Style::sign, {integer, other}, boolean);
    for (const Type& other : {natural, floating, integer}) add(name, Style::sign, {natural, other}, boolean);
    for (const Type& other : {floating, integer, natural}) add(name, Style::sign, {floating, other}, boolean);
    for (const Type& type : {text, bytes, timestamp, duration}) add(name, Style::sign, {type, type}, boolean);
  }
  same("+", {bytes, floating, duration});
  add("+", Style::sign, {duration, timestamp}, timestamp);
  add("+", Style::sign, {timestamp, duration}, timestamp);
  same("+", {integer, list, text, natural});
  same("-", {floating, duration, integer});
  add("-", Style::sign, {timestamp, duration}, timestamp);
  add("-", Style::sign, {timestamp, timestamp}, duration);
  same("-", {natural});
  for (const char* name : {"*", "/"}) same(name, {floating, integer, natural});
  same("%", {integer, natural});
  for (const Type& type : {floating, integer}) add("-", Style::sign, {type}, type);
  add("[]", Style::sign, {list, integer}, a);
  add("[]", Style::sign, {map, a}, b);
  add("in", Style::sign, {a, list}, boolean);
  add("in", Style::sign, {a, map}, boolean);
  for (const Style style : {Style::function, Style::method}) {
    for (const Type& type : {bytes, list, map, text}) add("size", style, {type}, integer);
  }
  conversion("bool", boolean, {boolean, text});
  conversion("double", floating, {floating, integer, text, natural});
  conversion("dyn", Type::dynamic(), {a});
  conversion("int", integer, {integer, floating, duration, text, timestamp, natural});
  conversion("string", text, {text, boolean, bytes, floating, duration, integer, timestamp, natural});
  for (const char* name : {"contains", "endsWith", "startsWith"}) add(name, Style::method, {text, text}, boolean);
  add("lists.range", Style::function, {integer}, Type::list(integer));
  return all;
}

// Of CEL, or of cel-go's extensions.
constexpr std::array<std::string_view, 33> kUnsupported = {
    "matches",         "timestamp",     "duration",     "type",         "bytes",       "uint",
    "getDate",         "getDayOfMonth", "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours",
    "getMilliseconds", "getMinutes",    "getMonth",     "getSeconds",   "charAt",      "format",
    "indexOf",         "join",          "lastIndexOf",  "lowerAscii",   "upperAscii",  "quote",
    "replace",         "reverse",       "split",        "substring",    "trim",        "distinct",
    "flatten",         "slice",         "sort"};

bool is_internal(const Overload& overload) {
  return std::any_of(overload.arguments.begin(), overload.arguments.end(), [](const Type& type) {
    return type.is(Type::Kind::bytes) || type.is(Type::Kind::natural) || type.is(Type::Kind::duration) ||
           type.is(Type::Kind::timestamp);
  });
}

std::string joined(const std::set<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace

const std::vector<Overload>& overloads() {
  static const std::vector<Overload> all = standard();
  return all;
}

bool is_function(std::string_view name) {
  return std::any_of(overloads().begin(), overloads().end(), [name](const Overload& overload) {
    return overload.style == Style::function && overload.name == name;
  });
}

std::string call_text(std::string_view name, Node::Style style, const std::vector<Type>& arguments) {
  std::vector<std::string> texts;
  texts.reserve(arguments.size());
  for (const Type& argument : arguments) texts.push_back(argument.text());
  if (style == Style::sign) {
    if (name == "[]") return texts[0] + "[" + texts[1] + "]";
    if (name == "?:") return texts[0] + " ? " + texts[1] + " : " + texts[2];
    if (texts.size() == 1) return std::string(name) + texts[0];
    return texts[0] + " " + std::string(name) + " " + texts[1];
  }
  const std::size_t first = style == Style::method ? 1 : 0;
  std::string inside;
  for (std::size_t i = first; i < texts.size(); ++i) inside += (i == first ? "" : ", ") + texts[i];
  return (first == 1 ? texts[0] + "." : "") + std::string(name) + "(" + inside + ")";
}

std::string no_overload(std::string_view name, Node::Style style, const std::vector<Type>& arguments) {
  std::set<std::string> same_name;
  std::set<std::string> same_style;
  for (const Overload& overload : overloads()) {
    if (overload.name == name && !is_internal(overload)) {
      same_name.insert(call_text(name, overload.style, overload.arguments));
    }
    if (overload.style == style) same_style.emplace(overload.name);
  }
  if (!same_name.empty()) {
    return "there is no " + call_text(name, style, arguments) + "; there is " + joined(same_name);
  }
  const bool known = std::find(kUnsupported.begin(), kUnsupported.end(), name) != kUnsupported.end();
  const std::string kind = style == Style::method ? "method" : "function";
  if (style == Style::method) same_style.merge(std::set<std::string>{"all", "exists", "exists_one", "filter", "map"});
  return (known ? "the " + kind + " " + in_quotes(name) + " is not supported"
                : "there is no " + kind + " " + in_quotes(name)) +
         "; there are " + joined(same_style);
}

}  // namespace atelier::cel
