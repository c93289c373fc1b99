#include "atelier/cel/type.h"

#include <utility>

namespace atelier::cel {

Type Type::list(Type element) {
  Type type(Kind::list);
  type.parts_ = std::make_shared<const std::vector<Type>>(1, std::move(element));
  return type;
}

Type Type::map(Type key, Type value) {
  Type type(Kind::map);
  type.parts_ = std::make_shared<const std::vector<Type>>(std::vector<Type>{std::move(key), std::move(value)});
  return type;
}

Type Type::object(Fields fields) {
  Type type(Kind::object);
  type.fields_ = std::make_shared<const Fields>(std::move(fields));
  return type;
}

Type Type::parameter(int number) {
  Type type(Kind::parameter);
  type.number_ = number;
  return type;
}

std::string Type::text() const {
  switch (kind_) {
    case Kind::dynamic:
      return "dyn";
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::floating:
      return "double";
    case Kind::string:
      return "string";
    case Kind::bytes:
      return "bytes";
    case Kind::natural:
      return "uint";
    case Kind::duration:
      return "duration";
    case Kind::timestamp:
      return "timestamp";
    case Kind::parameter:
      return {static_cast<char>('A' + number_ % 26)};
    case Kind::list:
      return "list(" + element().text() + ")";
    case Kind::map:
      return "map(" + key().text() + ", " + value().text() + ")";
    case Kind::object:
      break;
  }
  std::string text;
  for (const auto& [name, field] : fields()) text += (text.empty() ? "" : ", ") + name + ": " + field.text();
  return "{" + text + "}";
}

bool Type::operator==(const Type& other) const {
  if (kind_ != other.kind_ || number_ != other.number_) return false;
  if (parts_ != other.parts_ && *parts_ != *other.parts_) return false;
  return fields_ == other.fields_ || *fields_ == *other.fields_;
}

}  // namespace atelier::cel
