#include "controller/domain/tls/kept.hpp"

#include <chrono>

#include <gmock/gmock.h>

namespace chatflow::tls {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const TimePoint kNow = *parse_rfc3339("2026-11-21T18:00:00Z");
const Policy kPolicy;
const std::vector<std::string> kNames{"db-rw.chat.svc"};

/// What a visit at that time leaves of what was there.
Certificates visited(const Certificates& before, TimePoint at) {
    const Decision decision = decide(stored_of(before), kNames, kPolicy, at);
    return renewed(before, decision, "db", kNames, kPolicy, at);
}

std::string shown_by(const Certificates& now) {
    return certificates::facts_of(now.server.certificate)->fingerprint;
}

TEST(KeptCertificates, TheFirstVisitMakesBothAndTheNextChangesNothing) {
    const Certificates made = visited({}, kNow);
    EXPECT_TRUE(is_own(made));
    EXPECT_TRUE(certificates::is_signed_by(made.server.certificate, made.authority.certificate));
    EXPECT_EQ(visited(made, kNow + 1h), made);
}

TEST(KeptCertificates, ANewAuthorityIsTrustedForAnHourBeforeItSigns) {
    const Certificates old = visited({}, kNow);
    const TimePoint due = kNow + kPolicy.authority_lifetime - kPolicy.authority_renewed_before;
    const Certificates server = visited(old, due - 15 * 24h);  // one that lasts
    const Certificates both = visited(server, due);
    EXPECT_NE(both.authority, old.authority);
    EXPECT_EQ(both.server, server.server);
    EXPECT_THAT(both.authorities, HasSubstr(old.authority.certificate));
    EXPECT_EQ(visited(both, due + 30min).server, server.server);
    EXPECT_NE(visited(both, due + 61min).server, server.server);
}

TEST(KeptCertificates, AnAuthorityInPlaceOfADeletedOneIsTrustedBesideIt) {
    Certificates old = visited({}, kNow);
    old.served_authorities = old.authorities;
    Certificates deleted = old;
    deleted.authority = {};
    deleted.authorities.clear();
    const Certificates made = visited(deleted, kNow + 24h);
    EXPECT_NE(made.authority, old.authority);
    EXPECT_TRUE(certificates::is_signed_by(made.server.certificate, made.authority.certificate))
        << "at once";
    EXPECT_THAT(made.authorities, HasSubstr(old.authority.certificate))
        << "servers show what it has signed until they read their files again";
}

TEST(KeptCertificates, AServerReadsItsFilesAgainUntilItShowsThemButNotAllTheTime) {
    const Certificates made = visited({}, kNow);
    const TimePoint later = kNow + 24h;
    EXPECT_TRUE(must_read_again(made, "another", std::nullopt, kPolicy, later));
    EXPECT_FALSE(must_read_again(made, "another", later - 59s, kPolicy, later));
    EXPECT_TRUE(must_read_again(made, "another", later - 60s, kPolicy, later));
    EXPECT_FALSE(must_read_again(made, shown_by(made), later - 60s, kPolicy, later));
    // It may have read the authorities before the newest came.
    EXPECT_TRUE(must_read_again(made, shown_by(made), kNow, kPolicy, kNow + 2min));
}

TEST(KeptCertificates, TheVerdictSaysWhatIsWrong) {
    const Certificates made = visited({}, kNow);
    EXPECT_TRUE(certificate_valid(made, "", {}, kNow).holds);
    EXPECT_EQ(certificate_valid(made, "", {"db-0"}, kNow).reason, "BeingLoaded");
    EXPECT_EQ(certificate_valid(made, "", {}, kNow + 26 * 24h).reason, "NotRenewed");
    EXPECT_EQ(certificate_valid(made, "", {}, kNow + 30 * 24h).reason, "Ended");
    Certificates wrong = made;
    wrong.server.key = visited({}, kNow).server.key;
    EXPECT_EQ(certificate_valid(wrong, "", {}, kNow).reason, "WrongKey");
    wrong = made;
    wrong.authorities = visited({}, kNow).authorities;
    EXPECT_EQ(certificate_valid(wrong, "", {}, kNow).reason, "NotTrusted");
    EXPECT_EQ(certificate_valid({}, "There is no Secret.", {}, kNow).message,
              "There is no Secret.");
}

}  // namespace
}  // namespace chatflow::tls
