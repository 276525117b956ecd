// The start gate, Sentinel's elections and the planned switchover with real servers on loopback.
#include "controller/clients/redis/switchover.hpp"
#include "tests/integration/redis/ensemble.hpp"
#include "tests/integration/redis/write_ledger.hpp"

#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using test::Ensemble;
using test::WriteLedger;

class RedisEnsemble : public testing::Test {
 protected:
    static void SetUpTestSuite() { ensemble_ = std::make_unique<Ensemble>(); }
    static void TearDownTestSuite() { ensemble_.reset(); }

    static Ensemble& ensemble() { return *ensemble_; }

    /// Every node has the value.
    static bool all_have(const std::string& key, const std::string& value) {
        const auto have_it = [&] {
            for (int i = 0; i < Ensemble::kSize; ++i) {
                if (ensemble().get(i, key) != value) return false;
            }
            return true;
        };
        return ensemble().wait_until(have_it);
    }

    /// A key that the master has handed to all, so that none may lose it.
    static int write_everywhere(const std::string& key, const std::string& value) {
        const int master = ensemble().wait_until_safe();
        ensemble().set(master, key, value);
        EXPECT_TRUE(all_have(key, value));
        return master;
    }

    static HandoverResult hand_over(int from, int to, WriteLedger& ledger) {
        const auto route = [&ledger, to]() -> awaitable<void> {
            ledger.lead_to(ensemble().node(to));
            co_return;
        };
        return test::run(
            ensemble().io(),
            redis_topology::hand_over({.name = Ensemble::kName,
                                       .from = ensemble().node(from),
                                       .to = ensemble().node(to),
                                       .sentinel = ensemble().sentinel(0)},
                                      ensemble().credentials(),
                                      // Below the shorter time after which a master is down here.
                                      {.pause = 1900ms, .catch_up = 500ms}, ensemble().clock(),
                                      route, Deadline::after(30s)));
    }

 private:
    static std::unique_ptr<Ensemble> ensemble_;
};

std::unique_ptr<Ensemble> RedisEnsemble::ensemble_;

TEST_F(RedisEnsemble, FormsFromNothingWithTheFirstNodeAsMaster) {
    EXPECT_EQ(ensemble().wait_for_master(), 0);
}

TEST_F(RedisEnsemble, AMasterKilledAndRestartedAtOnceComesBackAsAReplica) {
    const int old = write_everywhere("killed", "kept");
    ensemble().kill_node(old);
    ensemble().start_node(old);
    EXPECT_NE(ensemble().wait_for_master(), old);
    EXPECT_TRUE(all_have("killed", "kept"));
}

TEST_F(RedisEnsemble, AMasterThatComesBackEmptyAtOnceWipesNobody) {
    const int old = write_everywhere("wiped", "kept");
    ensemble().kill_node(old);
    ensemble().wipe_node(old);
    ensemble().start_node(old);
    EXPECT_NE(ensemble().wait_for_master(), old);
    EXPECT_TRUE(all_have("wiped", "kept"));
}

TEST_F(RedisEnsemble, ASentinelWithoutMemoryLearnsTheMasterFromItsPeers) {
    int master = ensemble().wait_until_safe();
    if (master == 0) {  // which is what a new Sentinel would guess
        WriteLedger nobody(ensemble(), ensemble().node(0));
        const HandoverResult result = hand_over(0, 1, nobody);
        ASSERT_TRUE(result.done) << result.outcome;
        master = ensemble().wait_for_master();
    }
    ensemble().kill_sentinel(1);
    ensemble().wipe_sentinel(1);
    ensemble().start_sentinel(1);
    const auto knows = [&] {
        const auto views = ensemble().sentinels();
        return views[1].master == ensemble().node(master) && views[1].epoch == views[0].epoch &&
               views[0].other_sentinels == 2;
    };
    EXPECT_TRUE(ensemble().wait_until(knows));
}

TEST_F(RedisEnsemble, APlannedSwitchoverLosesNoAcknowledgedWrite) {
    const int master = ensemble().wait_until_safe();
    WriteLedger ledger(ensemble(), ensemble().node(master));
    ledger.start(8);
    ensemble().wait(500ms);
    const int target = (master + 1) % Ensemble::kSize;
    const HandoverResult result = hand_over(master, target, ledger);
    EXPECT_TRUE(result.done) << result.outcome;
    ensemble().wait(500ms);
    ledger.stop();
    EXPECT_EQ(ensemble().wait_for_master(), target);
    EXPECT_GT(ledger.acknowledged(), 100U);
    EXPECT_EQ(ledger.lost_on(target), 0U);
    RecordProperty("gap_ms", static_cast<int>(ledger.longest_gap().count()));
    std::printf("switchover: %zu writes acknowledged, longest gap %lld ms, writes paused %lld ms\n",
                ledger.acknowledged(), static_cast<long long>(ledger.longest_gap().count()),
                static_cast<long long>(result.writes_waited.count()));
}

TEST_F(RedisEnsemble, APlainFailoverLosesAcknowledgedWritesWhichTheLedgerSees) {
    const int master = ensemble().wait_until_safe();
    WriteLedger ledger(ensemble(), ensemble().node(master));
    ledger.start(8);
    ensemble().wait(300ms);
    const redis::Command failover{"SENTINEL", "FAILOVER", Ensemble::kName};
    (void)test::run(ensemble().io(), ask_one(ensemble().sentinel(0), ensemble().credentials(),
                                             failover, Deadline::after(2s)));
    const auto has_moved = [&] {
        const int found = ensemble().master();
        return found >= 0 && found != master;
    };
    ASSERT_TRUE(ensemble().wait_until(has_moved));
    // The old master is told seconds later, and takes writes until then.
    ensemble().wait(500ms);
    ledger.stop();
    const std::size_t lost = ledger.lost_on(ensemble().wait_for_master());
    std::printf("plain failover: %zu of %zu acknowledged writes lost\n", lost,
                ledger.acknowledged());
    EXPECT_GT(lost, 0U);
}

TEST_F(RedisEnsemble, ComesBackAloneAfterAllWereOffWithTheSameMaster) {
    const int master = write_everywhere("off", "kept");
    for (int i = 0; i < Ensemble::kSize; ++i) ensemble().kill_sentinel(i);
    for (int i = 0; i < Ensemble::kSize; ++i) ensemble().kill_node(i);
    for (int i = 0; i < Ensemble::kSize; ++i) ensemble().start_node(i);
    for (int i = 0; i < Ensemble::kSize; ++i) ensemble().start_sentinel(i);
    EXPECT_EQ(ensemble().wait_for_master(), master);
    EXPECT_TRUE(all_have("off", "kept"));
}

}  // namespace
}  // namespace chatflow
