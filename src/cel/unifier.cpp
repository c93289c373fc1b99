#include "cel/unifier.h"

namespace atelier::cel {
namespace {

using Kind = Type::Kind;

bool says_less_or_equal(const Type& left, const Type& right) {
  if (left.is(Kind::dynamic) || left.is(Kind::parameter)) return true;
  if (right.is(Kind::dynamic) || left.kind() != right.kind()) return false;
  if (left.is(Kind::list)) return says_less_or_equal(left.element(), right.element());
  if (left.is(Kind::map)) {
    return says_less_or_equal(left.key(), right.key()) && says_less_or_equal(left.value(), right.value());
  }
  return left == right;
}

bool may_be_null(const Type& type) {
  return type.is(Kind::null) || type.is(Kind::object) || type.is(Kind::duration) || type.is(Kind::timestamp);
}

}  // namespace

bool Unifier::assign_all(const std::vector<Type>& from, const std::vector<Type>& to) {
  if (from.size() != to.size()) return false;
  const auto before = known_;
  for (std::size_t i = 0; i < from.size(); ++i) {
    if (unify(from[i], to[i])) continue;
    known_ = before;
    return false;
  }
  return true;
}

bool Unifier::unify(const Type& from, const Type& to) {
  if (to.is(Kind::parameter)) {
    const Outcome outcome = substitute(from, to);
    if (outcome == Outcome::unified) return true;
    if (outcome == Outcome::known_otherwise) return false;
  }
  if (from.is(Kind::parameter)) return substitute(to, from) == Outcome::unified;
  if (from.is(Kind::dynamic) || to.is(Kind::dynamic)) return true;
  if (from.is(Kind::null)) return may_be_null(to);
  if (to.is(Kind::null)) return may_be_null(from);
  if (from.is(Kind::list) || from.is(Kind::map)) return from.kind() == to.kind() && unify_parts(from, to);
  return from == to;
}

bool Unifier::unify_parts(const Type& from, const Type& to) {
  if (from.is(Kind::list)) return unify(from.element(), to.element());
  return unify(from.key(), to.key()) && unify(from.value(), to.value());
}

Unifier::Outcome Unifier::substitute(const Type& type, const Type& parameter) {
  if (type == parameter) return Outcome::unified;
  const auto found = known_.find(parameter.number());
  if (found != known_.end()) {
    const Type known = found->second;
    if (type == known) return Outcome::unified;
    if (!unify(type, known)) return Outcome::known_otherwise;
    const Type general = more_general(type, known);
    if (!occurs(parameter, general)) known_.insert_or_assign(parameter.number(), general);
    return Outcome::unified;
  }
  if (occurs(parameter, type)) return Outcome::impossible;
  known_.insert_or_assign(parameter.number(), type);
  return Outcome::unified;
}

bool Unifier::occurs(const Type& parameter, const Type& within) const {
  if (parameter == within) return true;
  if (within.is(Kind::list)) return occurs(parameter, within.element());
  if (within.is(Kind::map)) return occurs(parameter, within.key()) || occurs(parameter, within.value());
  if (!within.is(Kind::parameter)) return false;
  const auto found = known_.find(within.number());
  return found != known_.end() && occurs(parameter, found->second);
}

Type Unifier::resolved(const Type& type, Open open) const {
  if (type.is(Kind::list)) return Type::list(resolved(type.element(), open));
  if (type.is(Kind::map)) return Type::map(resolved(type.key(), open), resolved(type.value(), open));
  if (!type.is(Kind::parameter)) return type;
  const auto found = known_.find(type.number());
  if (found != known_.end()) return resolved(found->second, open);
  return open == Open::stays ? type : Type::dynamic();
}

Type Unifier::more_general(const Type& left, const Type& right) {
  return says_less_or_equal(left, right) ? left : right;
}

}  // namespace atelier::cel
