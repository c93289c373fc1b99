// The types of expressions: what a caller declares for its variables, and what the checker finds.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atelier::cel {

// An immutable value, cheap to copy: what it is made of is shared. Equal when it is written alike.
class Type {
 public:
  using Fields = std::map<std::string, Type>;

  enum class Kind {
    dynamic,  // known when the expression is evaluated
    null,
    boolean,
    integer,
    floating,  // "double"
    string,
    list,
    map,
    object,   // has the fields that were declared, and no others
    bytes,    // no value is of this type, nor of the next three: the checker chooses as cel-go's, which knows them
    natural,  // "uint"
    duration,
    timestamp,
    parameter,  // not known yet: of the checker, never of a result
  };

  static Type dynamic() { return Type(Kind::dynamic); }
  static Type null() { return Type(Kind::null); }
  static Type boolean() { return Type(Kind::boolean); }
  static Type integer() { return Type(Kind::integer); }
  static Type floating() { return Type(Kind::floating); }
  static Type string() { return Type(Kind::string); }
  static Type bytes() { return Type(Kind::bytes); }
  static Type natural() { return Type(Kind::natural); }
  static Type duration() { return Type(Kind::duration); }
  static Type timestamp() { return Type(Kind::timestamp); }
  static Type list(Type element);
  static Type map(Type key, Type value);
  static Type object(Fields fields);
  static Type parameter(int number);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  const Type& element() const { return parts_->at(0); }  // REQUIRES a list
  const Type& key() const { return parts_->at(0); }      // REQUIRES a map
  const Type& value() const { return parts_->at(1); }    // REQUIRES a map
  const Fields& fields() const { return *fields_; }      // REQUIRES an object
  int number() const { return number_; }                 // of a parameter

  // As CEL writes it, "map(string, list(int))"; an object as its fields, "{day: string, n: int}".
  std::string text() const;

  bool operator==(const Type& other) const;

 private:
  explicit Type(Kind kind) : kind_(kind) {}

  Kind kind_;
  int number_ = 0;
  std::shared_ptr<const std::vector<Type>> parts_;
  std::shared_ptr<const Fields> fields_;
};

}  // namespace atelier::cel
