// Field tables of Approval.
#pragma once

#include "api/shared_table.h"
#include "atelier/api/approval.h"

namespace atelier::api {

template <>
struct Table<ApprovalSpec> {
  using S = ApprovalSpec;
  static auto fields() {
    return std::tuple{field("run", &S::run, required()), field("task", &S::task, required()),
                      field("decision", &S::decision, required(one_of({"Approve", "Reject"}))),
                      field("user", &S::user, required()), field("comment", &S::comment)};
  }
};

}  // namespace atelier::api
