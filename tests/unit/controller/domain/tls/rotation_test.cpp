#include "controller/domain/tls/rotation.hpp"

#include <gtest/gtest.h>

namespace chatflow::tls {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const TimePoint kNow = *parse_rfc3339("2026-11-21T18:00:00Z");
const std::vector<std::string> kNames{"queue-rw", "10.96.0.7"};
const Policy kPolicy;

Stored all_is_well() {
    return {.authority = certificates::Validity{kNow - days{30}, kNow + days{335}},
            .has_predecessor = false,
            .server = certificates::Facts{.validity = {kNow - days{10}, kNow + days{20}},
                                          .names = kNames,
                                          .fingerprint = "f"},
            .is_signed_by_authority = true,
            .is_trusted = true};
}

Stored with_new_authority(std::chrono::seconds age) {
    Stored stored = all_is_well();
    stored.authority = certificates::Validity{kNow - age, kNow - age + days{365}};
    stored.has_predecessor = true;
    stored.is_signed_by_authority = false;
    return stored;
}

TEST(TlsRotation, MakesEverythingForANewTopology) {
    const Decision decision = decide({}, kNames, kPolicy, kNow);
    EXPECT_TRUE(decision.make_authority);
    EXPECT_TRUE(decision.issue);
}

TEST(TlsRotation, ChangesNothingUntilARenewalIsDue) {
    const Decision decision = decide(all_is_well(), kNames, kPolicy, kNow);
    EXPECT_FALSE(decision.make_authority || decision.issue);
    EXPECT_EQ(decision.look_again_at, kNow + days{10});
    EXPECT_TRUE(decision.waits_for.empty());
}

TEST(TlsRotation, RenewsTheServerTenDaysBeforeItsEnd) {
    EXPECT_FALSE(decide(all_is_well(), kNames, kPolicy, kNow + days{10} - 1s).issue);
    const Decision decision = decide(all_is_well(), kNames, kPolicy, kNow + days{10});
    EXPECT_TRUE(decision.issue && decision.is_renewal);
    EXPECT_FALSE(decision.make_authority);
}

TEST(TlsRotation, AnAddressMoreIsNoRenewal) {
    const Decision decision = decide(all_is_well(), {"queue-rw", "10.96.0.8"}, kPolicy, kNow);
    EXPECT_TRUE(decision.issue);
    EXPECT_FALSE(decision.is_renewal);
    EXPECT_EQ(decision.reason, "the server certificate is not good for 10.96.0.8");
    EXPECT_FALSE(decide(all_is_well(), {"queue-rw"}, kPolicy, kNow).issue);
}

TEST(TlsRotation, ANewAuthoritySignsOnlyOnceAllMayTrustIt) {
    Stored old = all_is_well();
    old.authority->not_after = kNow + days{60};
    const Decision first = decide(old, kNames, kPolicy, kNow);
    EXPECT_TRUE(first.make_authority);
    EXPECT_FALSE(first.issue);

    const Decision waiting = decide(with_new_authority(59min), kNames, kPolicy, kNow);
    EXPECT_FALSE(waiting.make_authority || waiting.issue);
    EXPECT_FALSE(waiting.waits_for.empty());
    EXPECT_EQ(waiting.look_again_at, kNow + 1min);

    const Decision then = decide(with_new_authority(60min), kNames, kPolicy, kNow);
    EXPECT_TRUE(then.issue && then.is_renewal);
}

TEST(TlsRotation, ACertificateThatNobodyAcceptsIsReplacedAtOnce) {
    Stored ended = with_new_authority(1min);
    ended.server->validity.not_after = kNow;
    EXPECT_TRUE(decide(ended, kNames, kPolicy, kNow).issue);
    Stored foreign = with_new_authority(1min);
    foreign.is_trusted = false;
    EXPECT_TRUE(decide(foreign, kNames, kPolicy, kNow).issue);
    Stored lost = all_is_well();
    lost.authority.reset();
    lost.is_trusted = lost.is_signed_by_authority = false;
    const Decision decision = decide(lost, kNames, kPolicy, kNow);
    EXPECT_TRUE(decision.make_authority && decision.issue);
}

TEST(TlsRotation, TheBundleKeepsAuthoritiesThatHaveNotEnded) {
    const auto ca = [](std::chrono::seconds until) {
        return certificates::make_authority("queue", {kNow - 24h, kNow + until}).certificate;
    };
    const std::string now = ca(48h);
    const std::string earlier = ca(24h);
    const std::string ended = ca(-1h);
    EXPECT_EQ(bundle_of(now, earlier + ended, kNow), now + earlier);
    EXPECT_EQ(bundle_of(now, now, kNow), now);
}

}  // namespace
}  // namespace chatflow::tls
