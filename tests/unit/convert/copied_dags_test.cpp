#include "convert/copied_dags.h"

#include <gtest/gtest.h>

namespace atelier::convert {
namespace {

CopiedDags of(const std::string& script) {
  return copied_dags({"/bin/sh", "-c", script}, "/storage").value_or(CopiedDags{"nothing", {}});
}

TEST(CopiedDags, AreWhatTheCommandOfTheSampleCopies) {
  EXPECT_EQ(
      of("mkdir -p /storage/${datadomain}/dags/${workspace}/ && rm -rf /storage/${datadomain}/dags/${workspace}/* "
         "&& cp -a /opt/airflow/airflow_home/dags/*.py /storage/${datadomain}/dags/${workspace}/"),
      (CopiedDags{"/opt/airflow/airflow_home/dags", {"*.py"}}));
}

TEST(CopiedDags, AreSeveralPatternsOfOneFolder) {
  EXPECT_EQ(of("cp -r '/dags/*.py' /dags/*.sql /storage/x"), (CopiedDags{"/dags", {"*.py", "*.sql"}}));
}

TEST(CopiedDags, AreAWholeFolder) {
  EXPECT_EQ(of("cp -a /dags/. /storage/x/"), (CopiedDags{"/dags", {"**"}}));
  EXPECT_EQ(of("cp -a /dags/* /storage/x/"), (CopiedDags{"/dags", {"**"}, true}));
}

TEST(CopiedDags, AreFoundWithoutAShell) {
  EXPECT_EQ(copied_dags({"cp", "-a", "/dags/.", "/storage/x"}, "/storage"), (CopiedDags{"/dags", {"**"}}));
}

TEST(CopiedDags, AreNothingWhereTheWordsDoNotSayIt) {
  for (const char* script :
       {"", "./publish.sh", "cp -a dags/*.py /storage/x", "cp /dags/$A/*.py /storage/x", "cp /dags/a.py /storage/x",
        "cp -r /dags /storage/x", "cp /a/*.py /b/*.py /storage/x", "cp /dags/*.py /elsewhere/x",
        "cp /dags/*.py /storage-2/x", "cp /d/*/x.py /storage/x", "cp /a/*.py /storage/x; cp /b/*.py /storage/x",
        "cp /*.py /storage/x", "cp /dags/[ab]* /storage/x", "cp /storage/x"}) {
    EXPECT_EQ(of(script), (CopiedDags{"nothing", {}})) << script;
  }
}

}  // namespace
}  // namespace atelier::convert
