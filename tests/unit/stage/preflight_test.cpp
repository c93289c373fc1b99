#include "stage/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/stage/sandbox.h"

namespace atelier::stage {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = test::fs;

const std::string kDag = "from airflow import DAG\n";

class Preflight : public ::testing::Test {
 protected:
  Result<Checked> run(const test::Files& files) {
    test::write_all(temp_ / "tree", files);
    return check({.tree = temp_ / "tree", .manifest = temp_ / "manifest.json"});
  }

  test::TempFolder temp_;
};

TEST_F(Preflight, names_the_file_the_line_and_what_is_wrong) {
  const auto checked = run({{"good.py", "x = 1\n"}, {"sub/bad.py", "x = 1\ny = (\n"}, {"notes.txt", "("}});
  EXPECT_EQ(reason_of(checked), "PreflightFailed");
  EXPECT_THAT(message_of(checked), HasSubstr("sub/bad.py line 2: the \"(\" is never closed"));
  EXPECT_THAT(message_of(checked), Not(HasSubstr("notes")));
  EXPECT_FALSE(fs::exists(temp_ / "manifest.json")) << "nothing goes on without one";
}

TEST_F(Preflight, names_the_two_files_of_one_dag_id) {
  const auto checked = run({{"a.py", kDag + "DAG('one')"}, {"sub/b.py", kDag + "DAG(dag_id='one')"}});
  EXPECT_EQ(reason_of(checked), "PreflightFailed");
  EXPECT_THAT(message_of(checked), HasSubstr("sub/b.py has the dag_id \"one\", as a.py does"));
  EXPECT_EQ(Outcome("check").fail(checked.error()).exit_code(), 10);
}

TEST_F(Preflight, counts_the_ids_where_airflow_looks_for_them) {
  const auto checked = run({{"a.py", kDag + "DAG('one')\nDAG('two')\nDAG('one')\n"}, {"b.py", "DAG('one')"}});
  ASSERT_TRUE(checked) << message_of(checked);
  EXPECT_EQ(checked->python.ids(), (DagIds{"one", "two"}));
  EXPECT_EQ(checked->python.limits_met(), "");
}

TEST_F(Preflight, says_what_was_too_much_to_look_at) {
  std::string many = kDag;
  for (std::size_t i = 0; i <= kMaxDagIds; ++i) many += "DAG('" + std::to_string(i) + "')\n";
  const auto checked = run({{"large.py", "(" + std::string(kMaxPythonBytes, '\n')}, {"many.py", many}});
  ASSERT_TRUE(checked) << message_of(checked);
  EXPECT_EQ(checked->python.ids().size(), kMaxDagIds);
  EXPECT_THAT(checked->python.limits_met(), HasSubstr("1 Python files are larger"));
  EXPECT_THAT(checked->python.limits_met(), HasSubstr("only 10000 dag_ids are claimed"));
}

}  // namespace
}  // namespace atelier::stage
