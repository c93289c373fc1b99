#include "differential/cel/oracle.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <stdexcept>

#include "support/source_dir.h"

namespace atelier::cel {
namespace {

using nlohmann::json;

json said_double(double value) {
  const double one_nan = std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value;
  return {{"d", std::to_string(std::bit_cast<std::uint64_t>(one_nan))}};
}

// cel-go's NaNs have other bits, and its maps no order.
json normalized(json said) {
  if (said.is_array()) {
    for (json& element : said) element = normalized(element);
  } else if (said.is_object() && said.contains("m")) {
    for (json& entry : said["m"]) entry = normalized(entry);
    std::sort(said["m"].begin(), said["m"].end());
  } else if (said.is_object() && said.contains("d")) {
    return said_double(std::bit_cast<double>(std::stoull(said["d"].get<std::string>())));
  }
  return said;
}

// A file in the temporary folder that goes with this.
class TemporaryFile {
 public:
  TemporaryFile() {
    char name[] = "/tmp/atelier-cel-XXXXXX";
    const int file = ::mkstemp(name);
    if (file < 0) throw std::runtime_error("no temporary file");
    ::fclose(::fdopen(file, "w"));
    path_ = name;
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path_.c_str()); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

Answer answer_of(const json& said) {
  if (said.contains("refused")) return {Answer::Kind::refused, said["refused"], "", {}};
  if (said.contains("failed")) return {Answer::Kind::failed, said["failed"], said["type"], {}};
  return {Answer::Kind::value, "", said["type"], normalized(said["value"])};
}

}  // namespace

json said_of(const Value& value) {
  if (const auto* flag = value.as<bool>()) return *flag;
  if (const auto* number = value.as<std::int64_t>()) return {{"i", std::to_string(*number)}};
  if (const auto* number = value.as<double>()) return said_double(*number);
  if (const auto* text = value.as<std::string>()) return *text;
  json said = json::array();
  if (const auto* items = value.as<Value::List>()) {
    for (const Value& item : *items) said.push_back(said_of(item));
    return said;
  }
  if (const auto* entries = value.as<Value::Map>()) {
    for (const auto& [key, entry] : *entries) said.push_back(json::array({said_of(Value(key)), said_of(entry)}));
    std::sort(said.begin(), said.end());
    return {{"m", std::move(said)}};
  }
  return nullptr;
}

json said_of(const Type& type) {
  if (type.is(Type::Kind::list)) return {{"list", said_of(type.element())}};
  if (type.is(Type::Kind::map)) return {{"map", {said_of(type.key()), said_of(type.value())}}};
  if (!type.is(Type::Kind::object)) return type.text();
  json fields = json::object();
  for (const auto& [name, field] : type.fields()) fields[name] = said_of(field);
  return {{"object", std::move(fields)}};
}

std::vector<Answer> oracle(const Variables& declared, const Bindings& bindings,
                           const std::vector<std::string>& expressions) {
  json environment;
  for (const auto& [name, type] : declared) environment["types"][name] = said_of(type);
  for (const auto& [name, value] : bindings) environment["values"][name] = said_of(value);
  const TemporaryFile questions;
  const TemporaryFile answers;
  std::ofstream out(questions.path());
  out << environment.dump() << "\n";
  for (const std::string& expression : expressions) out << json(expression).dump() << "\n";
  out.close();
  const std::string program = atelier::testing::source_dir() + "/tests/differential/cel/cel_go/run";
  const std::string command = "'" + program + "' < " + questions.path() + " > " + answers.path();
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
  std::vector<Answer> all;
  std::ifstream in(answers.path());
  for (std::string line; std::getline(in, line);) all.push_back(answer_of(json::parse(line)));
  if (all.size() != expressions.size()) throw std::runtime_error("cel-go did not answer to everything");
  return all;
}

Answer ours(const Variables& declared, const Bindings& bindings, const std::string& expression) {
  const auto compiled = Expression::compile(expression, declared);
  if (!compiled) return {Answer::Kind::refused, compiled.error().message, "", {}};
  const std::string type = compiled.value().type().text();
  const auto value = compiled.value().evaluate(bindings);
  if (!value) return {Answer::Kind::failed, value.error().message, type, {}};
  return {Answer::Kind::value, "", type, said_of(value.value())};
}

}  // namespace atelier::cel
