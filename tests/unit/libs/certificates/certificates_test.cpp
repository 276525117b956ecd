#include "libs/certificates/certificates.hpp"

#include <gtest/gtest.h>

namespace chatflow::certificates {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = *parse_rfc3339("2026-11-21T18:00:00Z");
const Validity kDay{kNow, kNow + 24h};

TEST(Certificates, SayForWhichNamesAndHowLongTheyHold) {
    const Pair authority = make_authority("queue", kDay);
    const Pair server = issue(authority, {"queue-rw.chat.svc", "10.96.0.7", "::1"}, kDay);
    const auto facts = facts_of(server.certificate);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->validity, kDay);
    EXPECT_EQ(facts->names, (std::vector<std::string>{"10.96.0.7", "::1", "queue-rw.chat.svc"}));
    EXPECT_EQ(facts->fingerprint.size(), 64U);
}

TEST(Certificates, AreSignedByTheirAuthorityAndNoOtherOfTheSameName) {
    const Pair authority = make_authority("queue", kDay);
    const Pair other = make_authority("queue", kDay);
    const Pair server = issue(authority, {"a"}, kDay);
    EXPECT_TRUE(is_signed_by(server.certificate, authority.certificate));
    EXPECT_FALSE(is_signed_by(server.certificate, other.certificate));
    EXPECT_TRUE(is_signed_by(authority.certificate, authority.certificate));
    EXPECT_FALSE(is_signed_by("no certificate", authority.certificate));
}

TEST(Certificates, BelongToTheirOwnKeyOnly) {
    const Pair authority = make_authority("queue", kDay);
    const Pair one = issue(authority, {"a"}, kDay);
    const Pair two = issue(authority, {"a"}, kDay);
    EXPECT_TRUE(belong_together(one));
    EXPECT_FALSE(belong_together({.certificate = one.certificate, .key = two.key}));
    EXPECT_FALSE(belong_together({.certificate = "", .key = ""}));
    EXPECT_NE(facts_of(one.certificate)->fingerprint, facts_of(two.certificate)->fingerprint);
}

TEST(Certificates, AreCutOutOfABundleOneByOne) {
    const std::string one = make_authority("one", kDay).certificate;
    const std::string two = make_authority("two", kDay).certificate;
    EXPECT_EQ(split("a comment\n" + one + two), (std::vector<std::string>{one, two}));
    EXPECT_TRUE(split("nothing").empty());
    EXPECT_FALSE(facts_of("nothing"));
}

TEST(Certificates, TakeALongNameOfTheirAuthority) {
    const Pair authority = make_authority(std::string(200, 'x'), kDay);
    EXPECT_TRUE(facts_of(issue(authority, {std::string(200, 'y')}, kDay).certificate));
}

}  // namespace
}  // namespace chatflow::certificates
