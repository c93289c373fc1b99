#include <gtest/gtest.h>

#include <filesystem>

#include "atelier/base/base64.h"
#include "kube/file_credentials.h"
#include "kube/text_file.h"
#include "support/fake_loop.h"
#include "unit/http/certificates.h"
#include "unit/kube/temp_folder.h"

namespace atelier::kube {
namespace {

class CredentialsInFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    temp_.write("token", "one\n");
    temp_.write("ca", authority_.pem());
    write_pair(authority_.issue("one"));
  }
  void write_pair(const testing::KeyPair& pair) {
    temp_.write("cert", pair.certificate);
    temp_.write("key", pair.key);
    pair_ = pair;
  }
  CredentialFiles all() const { return {temp_.file("ca"), temp_.file("cert"), temp_.file("key"), temp_.file("token")}; }
  FileCredentials& files() {
    if (!files_) {
      files_ = std::make_unique<FileCredentials>(all(), http::Credential{}, loop_);
      EXPECT_TRUE(files_->open());
    }
    return *files_;
  }
  std::string token() { return files().current()->bearer_token; }
  std::string refusal(CredentialFiles wanted) const {
    const auto opened = FileCredentials{std::move(wanted), {}, loop_}.open();
    return opened ? "accepted" : opened.error().message;
  }

  testing::FakeLoop loop_;
  testing::TempFolder temp_;
  testing::Authority authority_{"authority"};
  testing::KeyPair pair_;
  std::unique_ptr<FileCredentials> files_;
};

TEST_F(CredentialsInFiles, AreReadAgainAfterAMinute) {
  const auto first = files().current();
  EXPECT_EQ(first->bearer_token, "one");
  EXPECT_EQ(first->ca_pem, authority_.pem());
  EXPECT_EQ(first->client_cert_pem, pair_.certificate);
  EXPECT_EQ(first->client_key_pem, pair_.key);
  const testing::Authority other{"other"};
  temp_.write("token", "two\n");
  temp_.write("ca", other.pem());
  write_pair(other.issue("two"));
  loop_.advance(Millis{59'999});
  EXPECT_EQ(files().current(), first);
  loop_.advance(Millis{1});
  const auto second = files().current();
  EXPECT_EQ(second->bearer_token, "two");
  EXPECT_EQ(second->ca_pem, other.pem());
  EXPECT_EQ(second->client_cert_pem, pair_.certificate);
  EXPECT_EQ(second->client_key_pem, pair_.key);
  EXPECT_EQ(first->bearer_token, "one") << "who has it keeps it";
}

TEST_F(CredentialsInFiles, AreTheSameSnapshotWhileNothingChanges) {
  const auto first = files().current();
  loop_.advance(Millis{600'000});
  EXPECT_EQ(files().current(), first);
}

TEST_F(CredentialsInFiles, AreReadAgainWhenTheServerRefusedThem) {
  const auto first = files().current();
  temp_.write("token", "two");
  files().refused(first);
  EXPECT_EQ(token(), "two");
  temp_.write("token", "three");
  files().refused(first);
  EXPECT_EQ(token(), "two") << "that was the old one";
}

TEST_F(CredentialsInFiles, StayInUseWhileTheFileIsAwayOrEmptyOrBroken) {
  EXPECT_EQ(token(), "one");
  std::filesystem::remove(temp_.file("token"));
  temp_.write("ca", authority_.pem().substr(0, 100));
  loop_.advance(Millis{60'000});
  EXPECT_EQ(token(), "one");
  EXPECT_EQ(files().current()->ca_pem, authority_.pem());
  for (const char* broken : {"\n", "two\nlines"}) {
    temp_.write("token", broken);
    loop_.advance(Millis{60'000});
    EXPECT_EQ(token(), "one") << broken;
  }
  temp_.write("token", "two");
  loop_.advance(Millis{60'000});
  EXPECT_EQ(token(), "two") << "although the authority is still broken";
}

TEST_F(CredentialsInFiles, ThatAreHalfReplacedStayThePairTheyWere) {
  const testing::KeyPair old = pair_;
  files();
  const testing::KeyPair fresh = authority_.issue("two");
  temp_.write("cert", fresh.certificate);  // the key comes a moment later
  loop_.advance(Millis{60'000});
  EXPECT_EQ(files().current()->client_cert_pem, old.certificate);
  EXPECT_EQ(files().current()->client_key_pem, old.key);
  temp_.write("key", fresh.key.substr(0, fresh.key.size() / 2));
  loop_.advance(Millis{60'000});
  EXPECT_EQ(files().current()->client_cert_pem, old.certificate);
  temp_.write("key", fresh.key);
  loop_.advance(Millis{60'000});
  EXPECT_EQ(files().current()->client_cert_pem, fresh.certificate);
  EXPECT_EQ(files().current()->client_key_pem, fresh.key);
}

TEST_F(CredentialsInFiles, WarnOnceOfWhatIsBroken) {
  files();
  temp_.write("cert", "");
  ::testing::internal::CaptureStderr();
  for (int minute = 0; minute < 3; ++minute) {
    loop_.advance(Millis{60'000});
    files().current();
  }
  const std::string log = ::testing::internal::GetCapturedStderr();
  const std::size_t first = log.find("credentials cannot be read again");
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find("credentials cannot be read again", first + 1), std::string::npos) << log;
  EXPECT_NE(log.find(temp_.file("cert")), std::string::npos) << log;
}

TEST_F(CredentialsInFiles, MustBeGoodAtFirst) {
  CredentialFiles files;
  files.token = temp_.path();
  EXPECT_EQ(refusal(files), temp_.path() + ": Is a directory");
  temp_.write("empty", "");
  files.token = temp_.file("empty");
  EXPECT_EQ(refusal(files), temp_.file("empty") + ": there is no token in it");
  files = {};
  files.ca = temp_.file("empty");
  EXPECT_EQ(refusal(files), temp_.file("empty") + ": is empty") << "not: every authority";
  files.ca = temp_.file("key");
  EXPECT_EQ(refusal(files), temp_.file("key") + ": holds no certificate in PEM form");
  files = all();
  temp_.write("other", authority_.issue("other").key);
  files.client_key = temp_.file("other");
  EXPECT_EQ(refusal(files), temp_.file("cert") + ": comes with the key of another certificate");
}

TEST(TextFiles, HaveABound) {
  const testing::TempFolder temp;
  temp.write("a", std::string(10'000, 'a'));
  EXPECT_EQ(read_whole_file(temp.file("a"), 10'000).value().size(), 10'000U);
  EXPECT_EQ(read_whole_file(temp.file("a"), 9'999).error().message, temp.file("a") + ": is larger than 9999 bytes");
  EXPECT_EQ(read_whole_file("/dev/zero", 10'000).error().message, "/dev/zero: is larger than 10000 bytes");
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
