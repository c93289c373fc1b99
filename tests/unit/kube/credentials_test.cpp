#include "kube/credentials.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "atelier/base/base64.h"
#include "unit/kube/temp_folder.h"

namespace atelier::kube {
namespace {

class TokenFiles : public ::testing::Test {
 protected:
  void write(const std::string& text) { temp_.write("token", text); }

  testing::TempFolder temp_;
  std::string path_ = temp_.file("token");
  SteadyTime now_{};
  TokenFile file_{path_, [this] { return now_; }};
};

TEST_F(TokenFiles, AreReadAgainAfterAMinute) {
  write("one\n");
  EXPECT_EQ(file_.token(), "one");
  write("two\n");
  now_ += Millis{59'999};
  EXPECT_EQ(file_.token(), "one");
  now_ += Millis{1};
  EXPECT_EQ(file_.token(), "two");
}

TEST_F(TokenFiles, AreReadAgainWhenTheServerRefusedTheToken) {
  write("one");
  file_.token();
  write("two");
  file_.refuse();
  EXPECT_EQ(file_.token(), "two");
}

TEST_F(TokenFiles, KeepTheLastTokenWhileTheFileIsAway) {
  write("one");
  file_.token();
  std::filesystem::remove(path_);
  now_ += Millis{60'000};
  EXPECT_EQ(file_.token(), "one");
}

TEST_F(TokenFiles, KeepTheLastTokenWhileTheFileIsEmpty) {
  write("one");
  file_.token();
  write("\n");
  now_ += Millis{60'000};
  EXPECT_EQ(file_.token(), "one");
  write("two");
  now_ += Millis{60'000};
  EXPECT_EQ(file_.token(), "two");
}

TEST_F(TokenFiles, ThatAreFoldersGiveNoToken) {
  TokenFile folder{temp_.path(), [this] { return now_; }};
  EXPECT_EQ(folder.token(), "");
  EXPECT_EQ(read_whole_file(temp_.path()).error().message, temp_.path() + ": Is a directory");
}

TEST(Base64, DecodesWhatTheRfcShows) {
  EXPECT_EQ(base64_decode(""), "");
  EXPECT_EQ(base64_decode("Zg=="), "f");
  EXPECT_EQ(base64_decode("Zm8="), "fo");
  EXPECT_EQ(base64_decode("Zm9v"), "foo");
  EXPECT_EQ(base64_decode("Zm9v\nYmFy"), "foobar");
  EXPECT_EQ(base64_decode("//79"), "\xff\xfe\xfd");
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Z===", "Zm9v!", "Zg==Zg==", "Zm 9v", "-_-_"}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace atelier::kube
