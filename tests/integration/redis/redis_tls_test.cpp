// Certificates of our own authority on real servers, and their change while clients write.
#include "controller/clients/redis/switchover.hpp"
#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"
#include "tests/integration/redis/ensemble.hpp"
#include "tests/integration/redis/write_ledger.hpp"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using test::Ensemble;
using test::WriteLedger;

const std::vector<std::string> kNames{"localhost", "127.0.0.1"};
constexpr tls::Policy kPolicy;

TimePoint now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

/// What the operator does when it looks at this moment.
Certificates after_a_look(Certificates stored, TimePoint at) {
    const auto decision = tls::decide(tls::stored_of(stored), kNames, kPolicy, at);
    return renewed(std::move(stored), decision, "queue", kNames, kPolicy, at);
}

class RedisTls : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        // Made so long ago that its renewal is due.
        certificates_ =
            after_a_look({}, now() - kPolicy.server_lifetime + kPolicy.server_renewed_before);
        ensemble_ = std::make_unique<Ensemble>(Ensemble::Kind{.certificates = certificates_});
    }
    static void TearDownTestSuite() { ensemble_.reset(); }

    static Ensemble& ensemble() { return *ensemble_; }
    static std::string expected() {
        return certificates::facts_of(certificates_.server.certificate)->fingerprint;
    }
    static void expect_shown_by_all() {
        for (int i = 0; i < Ensemble::kSize; ++i) {
            EXPECT_EQ(ensemble().shown_certificate(i), expected()) << i;
        }
    }
    /// A replica that connects anew has to trust its master, and the master's files, of now.
    static void reconnect_replicas(int master) {
        const redis::Command cut{"CLIENT", "KILL", "TYPE", "replica"};
        (void)ensemble().ask(master, cut);
        EXPECT_EQ(ensemble().wait_for_master(), master);
    }
    /// As the operator's ordered restarts of Sentinels.
    static void restart_sentinels() {
        for (int i = 0; i < Ensemble::kSize; ++i) {
            ensemble().kill_sentinel(i);
            ensemble().start_sentinel(i);
            const auto all_answer = [] {
                return std::ranges::all_of(ensemble().sentinels(), &SentinelView::reachable);
            };
            ASSERT_TRUE(ensemble().wait_until(all_answer));
        }
    }
    static void use(Certificates certificates) {
        certificates_ = std::move(certificates);
        ensemble().change_certificates(certificates_);
    }

    static Certificates certificates_;
    static std::unique_ptr<Ensemble> ensemble_;
};
Certificates RedisTls::certificates_;
std::unique_ptr<Ensemble> RedisTls::ensemble_;

TEST_F(RedisTls, NodesAndSentinelsFormAndShowTheCertificate) {
    EXPECT_EQ(ensemble().wait_for_master(), 0);
    expect_shown_by_all();
}

TEST_F(RedisTls, WhoDoesNotTrustTheAuthorityOrSpeaksInTheClearGetsNoAnswer) {
    const auto deadline = Deadline::after(2s);
    const redis::Command ping{"PING"};
    Credentials stranger = ensemble().credentials();
    stranger.trust->authorities =
        certificates::make_authority("other", {now() - 1h, now() + 1h}).certificate;
    const auto ask = [&](Credentials as) {
        (void)test::run(ensemble().io(),
                        ask_one(ensemble().node(0), std::move(as), ping, deadline));
    };
    EXPECT_THROW(ask(stranger), redis::Error);
    stranger.trust.reset();
    EXPECT_THROW(ask(stranger), redis::Error);
    Credentials wrong_name = ensemble().credentials();
    wrong_name.trust->server_name = "queue-rw.other.svc";
    EXPECT_THROW(ask(wrong_name), redis::Error);
}

TEST_F(RedisTls, ARenewalAndANewAuthorityUnderLoadLoseNothingAndRefuseNobody) {
    const int master = ensemble().wait_until_safe();
    WriteLedger ledger(ensemble(), ensemble().node(master));
    ledger.start(4);
    const std::string before = expected();

    use(after_a_look(certificates_, now()));
    EXPECT_NE(expected(), before);
    expect_shown_by_all();
    reconnect_replicas(master);

    // The authority is near its end: both are trusted first, then the new one signs.
    const Certificates signed_by_old = certificates_;
    tls::Decision decision{.make_authority = true};
    use(renewed(certificates_, decision, "queue", kNames, kPolicy, now()));
    EXPECT_EQ(certificates_.server, signed_by_old.server);
    restart_sentinels();
    reconnect_replicas(master);
    decision = {.issue = true, .is_renewal = true};
    use(renewed(certificates_, decision, "queue", kNames, kPolicy, now()));
    EXPECT_TRUE(tls::stored_of(certificates_).is_signed_by_authority);
    expect_shown_by_all();
    restart_sentinels();
    reconnect_replicas(master);
    ledger.stop();

    EXPECT_EQ(ensemble().wait_until_safe(), master) << "no Sentinel may have failed over";
    EXPECT_GT(ledger.acknowledged(), 100U);
    EXPECT_EQ(ledger.lost_on(master), 0U);
    EXPECT_EQ(ledger.errors(), 0U);
    std::printf("rotation: %zu writes acknowledged, longest gap %lld ms\n", ledger.acknowledged(),
                static_cast<long long>(ledger.longest_gap().count()));
}

TEST_F(RedisTls, FilesThatDoNotGoTogetherAreRefusedAndTheOldOnesStay) {
    const Certificates good = certificates_;
    Certificates bad = good;
    bad.server.key = after_a_look({}, now()).server.key;
    EXPECT_THROW(use(bad), redis::ServerError);
    certificates_ = good;
    use(good);
    expect_shown_by_all();
}

TEST_F(RedisTls, APlannedSwitchoverWorksByTlsAlone) {
    const int master = ensemble().wait_until_safe();
    const int target = (master + 1) % Ensemble::kSize;
    const auto nowhere = []() -> awaitable<void> { co_return; };
    const auto result = test::run(
        ensemble().io(), hand_over({.name = Ensemble::kName,
                                    .from = ensemble().node(master),
                                    .to = ensemble().node(target),
                                    .sentinel = ensemble().sentinel(0)},
                                   ensemble().credentials(), {.pause = 1900ms, .catch_up = 500ms},
                                   ensemble().clock(), nowhere, Deadline::after(30s)));
    EXPECT_TRUE(result.done) << result.outcome;
    EXPECT_EQ(ensemble().wait_for_master(), target);
}

}  // namespace
}  // namespace chatflow
