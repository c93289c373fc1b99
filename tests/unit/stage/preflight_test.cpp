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

TEST_F(Preflight, warns_of_two_files_of_one_dag_id) {
  const auto checked = run({{"a.py", kDag + "DAG('one')"}, {"sub/b.py", kDag + "DAG(dag_id='one')"}});
  ASSERT_TRUE(checked) << message_of(checked);
  EXPECT_THAT(checked->python.warning(), HasSubstr("sub/b.py has the dag_id \"one\", as a.py does"));
}

TEST_F(Preflight, takes_tests_that_make_a_dag_of_the_same_id_each) {
  const std::string test = kDag + "def test():\n  with DAG('test') as dag:\n    pass\n";
  const auto checked = run({{"tests/test_a.py", test}, {"tests/test_b.py", test}});
  ASSERT_TRUE(checked) << message_of(checked);
  EXPECT_EQ(checked->python.warning(), "");
  EXPECT_EQ(checked->python.ids(), DagIds());
}

TEST_F(Preflight, counts_the_ids_where_airflow_looks_for_them) {
  const auto checked = run({{"a.py", kDag + "DAG('one')\nDAG('two')\nDAG('one')\n"}, {"b.py", "DAG('one')"}});
  ASSERT_TRUE(checked) << message_of(checked);
  EXPECT_EQ(checked->python.ids(), (DagIds{"one", "two"}));
  EXPECT_EQ(checked->python.warning(), "");
}

TEST_F(Preflight, says_what_was_too_much_to_look_at) {
  std::string many = kDag;
  for (std::size_t i = 0; i <= kMaxDagIds; ++i) many += "DAG('" + std::to_string(i) + "')\n";
  const auto checked = run({{"large.py", "(" + std::string(kMaxPythonBytes, '\n')},
                            {"latin.py", "# coding: latin-1\n"},
                            {"many.py", many},
                            {"newer.py", "f'{'"}});
  ASSERT_TRUE(checked) << message_of(checked);
  EXPECT_EQ(checked->python.ids().size(), kMaxDagIds);
  EXPECT_THAT(checked->python.warning(), HasSubstr("1 Python files are larger"));
  EXPECT_THAT(checked->python.warning(), HasSubstr("2 Python files were only looked at in part"));
  EXPECT_THAT(checked->python.warning(), HasSubstr("only 1000 dag_ids are claimed"));
}

}  // namespace
}  // namespace atelier::stage
