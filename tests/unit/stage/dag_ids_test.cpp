#include "stage/dag_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier::stage {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::set<std::string> ids(const std::string& source) { return dag_ids(read_python(source).tokens); }

TEST(DagIds, are_found_where_they_are_spelled_out) {
  EXPECT_THAT(ids("DAG('a')"), ElementsAre("a"));
  EXPECT_THAT(ids("with models.DAG(\n  \"a\",  # DAG('c')\n  schedule=None) as dag:\n  pass"), ElementsAre("a"));
  EXPECT_THAT(ids("dag = DAG(schedule=every(dag_id='x'), dag_id=r'a', tags=['b'])"), ElementsAre("a"));
  EXPECT_THAT(ids("@dag('a', schedule=None)\ndef f(): pass"), ElementsAre("a"));
  EXPECT_THAT(ids("@dag(schedule=None, dag_id='a')\ndef f(): pass"), ElementsAre("a"));
  EXPECT_THAT(ids("@dag\ndef a(): pass"), ElementsAre("a"));
  EXPECT_THAT(ids("@decorators.dag(schedule=None)\n@other('x')\n\ndef a(): pass"), ElementsAre("a"));
  EXPECT_THAT(ids("DAG('b')\nif x:\n  DAG('a')\nelse:\n  DAG('a')"), ElementsAre("a", "b"));
}

TEST(DagIds, that_python_would_compute_are_not_guessed) {
  for (const char* source :
       {"DAG(f'a{x}')", "DAG('a' + x)", "DAG('a' 'b')", "DAG('a'.format())", "DAG(b'a')", "DAG(NAME)",
        "DAG(dag_id=NAME)", "DAG(**{'dag_id': 'a'})", "DAG('a\\n')", "DAG('')", "@dag(dag_id=NAME)\ndef f(): pass",
        "@dag(NAME)\ndef f(): pass", "@dag(**kwargs)\ndef f(): pass", "DAG()", "DAG("}) {
    EXPECT_THAT(ids(source), IsEmpty()) << source;
  }
}

TEST(DagIds, are_those_that_airflow_takes) {
  EXPECT_THAT(ids("DAG('a_B-1.c')"), ElementsAre("a_B-1.c"));
  EXPECT_THAT(ids("DAG('" + std::string(250, 'a') + "')"), ElementsAre(std::string(250, 'a')));
  EXPECT_THAT(ids("DAG('" + std::string(251, 'a') + "')"), IsEmpty());
  std::string umlauts;
  for (int i = 0; i < 250; ++i) umlauts += "ä";
  EXPECT_THAT(ids("DAG('" + umlauts + "')"), ElementsAre(umlauts));
  for (const char* id : {"a b", "a/b", "a\x01", "a\x7f", "a\xc2\x85", "a\""}) {
    EXPECT_THAT(ids("DAG('" + std::string(id) + "')"), IsEmpty()) << id;
  }
}

TEST(DagIds, within_a_function_are_not_known_to_be_made) {
  EXPECT_THAT(ids("def f():\n  if x:\n    DAG('a')\n  DAG('b')\nDAG('c')"), ElementsAre("c"));
  EXPECT_THAT(ids("async def f():\n  DAG('a')\nclass A:\n  DAG('b')\n  def g(self):\n    DAG('c')\n  DAG('d')"),
              ElementsAre("b", "d"));
  EXPECT_THAT(ids("def f():\n  @dag\n  def a(): pass\n  def g():\n    pass\n  DAG('b')\n@dag\ndef c(): pass"),
              ElementsAre("c"));
  EXPECT_THAT(ids("def f(): DAG('a')\nDAG('b')"), ElementsAre("b"));
}

TEST(DagIds, are_found_in_files_of_other_encodings) {
  EXPECT_THAT(ids("# coding: latin-1\nx = '\xe9'\n\xe9 = 1\nDAG('a')\nDAG('\xe9')\n@dag\ndef \xe9(): pass\n"),
              ElementsAre("a"));
  EXPECT_THAT(ids("x = 1\r# y\rDAG('a')\r@dag\rdef b(): pass\r"), ElementsAre("a", "b"));
}

TEST(DagIds, are_not_seen_in_text_and_in_what_only_looks_like_a_dag) {
  for (const char* source : {"# DAG('a')", "'''\nDAG('a')\n'''", "x = \"DAG('a')\"", "class DAG('a'): pass",
                             "def DAG('a'): pass", "MyDAG('a')", "Trigger(trigger_dag_id='a')", "x = a @ dag('a')",
                             "if dag_id == 'a': pass", "f(dag_id='a')", "@dag.task\ndef a(): pass"}) {
    EXPECT_THAT(ids(source), IsEmpty()) << source;
  }
}

TEST(DagIds, are_looked_for_where_airflow_looks) {
  EXPECT_TRUE(may_hold_dags("from Airflow import dAg"));
  EXPECT_FALSE(may_hold_dags("from networks import DAG"));
  EXPECT_FALSE(may_hold_dags("import airflow"));
}

}  // namespace
}  // namespace atelier::stage
