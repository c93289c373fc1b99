// Types that are not known yet: the elements of [], and what an overload is written for.
#pragma once

#include <map>
#include <vector>

#include "atelier/cel/type.h"

namespace atelier::cel {

// Does what cel-go's checker does (checker/types.go, v0.26), so that both find the same types.
class Unifier {
 public:
  explicit Unifier(int first_free) : next_(first_free) {}

  Type fresh() { return Type::parameter(next_++); }

  // Whether a value of one type can be where the other is expected. What has to be known for that is known from then
  // on; nothing is, if it cannot.
  bool assign(const Type& from, const Type& to) { return assign_all({from}, {to}); }
  bool assign_all(const std::vector<Type>& from, const std::vector<Type>& to);

  // With everything that is known. What is still open becomes dyn, or stays open.
  enum class Open { stays, becomes_dynamic };
  Type resolved(const Type& type, Open open) const;

  // The one that says less. REQUIRES that one can be assigned to the other.
  static Type more_general(const Type& left, const Type& right);

 private:
  bool unify(const Type& from, const Type& to);
  bool unify_parts(const Type& from, const Type& to);
  enum class Outcome { unified, known_otherwise, impossible };
  Outcome substitute(const Type& type, const Type& parameter);
  bool occurs(const Type& parameter, const Type& within) const;

  std::map<int, Type> known_;
  int next_;
};

}  // namespace atelier::cel
