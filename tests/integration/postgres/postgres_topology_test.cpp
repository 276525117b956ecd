#include "tests/integration/postgres/operator_bench.hpp"
#include "tests/integration/postgres/writers.hpp"

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

namespace chatflow::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::milliseconds;

// Shorter is noise of a busy machine.
constexpr milliseconds kInterruption{3000};
constexpr milliseconds kEpisode{5000};

/// One topology for all, since it takes a while to come up; each test leaves it healthy.
class PostgresTopologyTest : public testing::Test {
 protected:
    static void SetUpTestSuite() {
        bench_ = std::make_unique<OperatorBench>(
            json{{"users", {{{"name", "app"}}}},
                 {"databases", {{{"name", "app"}, {"owner", "app"}, {"extensions", {"pg_trgm"}}}}},
                 {"pooler", {{"instances", 1}, {"pauseTimeoutSeconds", 20}}}});
        bench_->reconcile_until([] { return bench_->all_stream(); }, 120s);
        bench_->start_pooler();
        bench_->reconcile_until([] { return bench_->status()["pooler"].value("ready", 0) == 1; },
                                30s);
        pqxx::connection connection(bench_->through_pooler("app"));
        pqxx::work work(connection);
        work.exec("CREATE TABLE ledger (row bigint PRIMARY KEY)");
        work.commit();
    }
    static void TearDownTestSuite() { bench_.reset(); }

    static Writers::Options pooled(long first_row) {
        return {.connection = bench_->through_pooler("app"), .first_row = first_row};
    }
    static Writers::Options direct(long first_row) {
        return {.connection = bench_->through_proxy("app"),
                .clients = 4,
                .per_second = 100,
                .first_row = first_row};
    }

    static std::set<long> rows_there() {
        std::set<long> rows;
        pqxx::connection connection(bench_->through_pooler("app"));
        pqxx::nontransaction work(connection);
        for (const auto& [row] : work.query<long>("SELECT row FROM ledger")) rows.insert(row);
        return rows;
    }
    static std::size_t lost(const Ledger& ledger) {
        const auto there = rows_there();
        return static_cast<std::size_t>(std::ranges::count_if(
            ledger.acknowledged, [&](long row) { return !there.contains(row); }));
    }
    static void tell(const char* what, const Ledger& ledger) {
        std::cout << fmt::format("{}: {} acknowledged, {} failed, longest gap {} ms\n", what,
                                 ledger.acknowledged.size(), ledger.failures.size(),
                                 ledger.longest_gap().count());
        for (std::size_t i = 0; i < std::min<std::size_t>(3, ledger.failures.size()); ++i) {
            std::cout << "  " << ledger.failures[i] << "\n";
        }
    }

    /// All members run with that max_connections, and nothing is left to do.
    static bool is_everywhere(const std::string& max_connections) {
        if (!bench_->all_stream()) return false;
        const json status = bench_->status();
        for (const json& instance : status.at("instances")) {
            if (instance.value("pendingRestart", false)) return false;
        }
        try {
            const auto rows = bench_->on_primary({"SHOW max_connections"});
            return rows[0][0].at("max_connections") == max_connections;
        } catch (const sql::Error&) {
            return false;  // the primary is changing
        }
    }

    static bool is_paused() {
        const auto answer = bench_->session().run(
            bench_->pooler_client().ask(bench_->pooler_pod(), Deadline::after(5s)));
        return postgres::is_paused(answer.state);
    }
    static void pause() {
        bench_->session().run(
            bench_->pooler_client().pause(bench_->pooler_pod(), Deadline::after(5s)));
    }

    static std::unique_ptr<OperatorBench> bench_;
};

std::unique_ptr<OperatorBench> PostgresTopologyTest::bench_;

TEST_F(PostgresTopologyTest, AUserConnectsThroughThePoolerToADatabaseThatHasItsExtensions) {
    pqxx::connection connection(bench_->through_pooler("app"));
    pqxx::nontransaction work(connection);
    EXPECT_EQ(work.query_value<std::string>("SELECT current_user || ' ' || current_database()"),
              "app app");
    EXPECT_EQ(work.query_value<double>("SELECT similarity('chat', 'chat')"), 1);
}

TEST_F(PostgresTopologyTest, AHundredVisitsRestartNothing) {
    const auto started = bench_->on_primary({"SELECT pg_postmaster_start_time() AS at"});
    const json before = bench_->status();
    bench_->reconcile(100);
    EXPECT_EQ(bench_->on_primary({"SELECT pg_postmaster_start_time() AS at"}), started);
    EXPECT_EQ(bench_->status()["timeline"], before["timeline"]);
    EXPECT_EQ(bench_->actions(), std::vector<std::string>{});
}

TEST_F(PostgresTopologyTest, APlannedSwitchoverThroughThePoolerFailsNoTransaction) {
    Writers writers(pooled(1'000'000));
    const std::string before = bench_->status()["currentPrimary"];
    while (writers.acknowledged() < 200) std::this_thread::sleep_for(50ms);
    bench_->change_spec({{"switchover", {{"requestID", "one"}}}});
    bench_->reconcile_until(
        [&] { return bench_->status()["currentPrimary"] != before && bench_->all_stream(); }, 90s);
    const auto so_far = writers.acknowledged();
    while (writers.acknowledged() < so_far + 200) std::this_thread::sleep_for(50ms);
    const Ledger ledger = writers.stop();
    tell("planned switchover through the pooler at 200/s", ledger);
    EXPECT_EQ(ledger.failures.size(), 0) << ledger.failures.front() << bench_->logs();
    EXPECT_EQ(lost(ledger), 0);
    EXPECT_FALSE(is_paused());
}

TEST_F(PostgresTopologyTest, AParameterThatNeedsARestartInterruptsAtMostOnce) {
    Writers through_pooler(pooled(2'000'000));
    Writers through_proxy(direct(3'000'000));
    bench_->change_spec({{"postgresql", {{"parameters", {{"max_connections", "120"}}}}}});
    const auto is_done = [] { return is_everywhere("120"); };
    bench_->reconcile_until(is_done, 180s);
    std::this_thread::sleep_for(1s);
    const Ledger pooler = through_pooler.stop();
    const Ledger proxy = through_proxy.stop();
    tell("parameter change, through the pooler", pooler);
    tell("parameter change, without it", proxy);
    std::cout << fmt::format("  {}\n", fmt::join(bench_->actions(), ", "));
    EXPECT_EQ(pooler.failures.size(), 0) << pooler.failures.front();
    EXPECT_LE(pooler.gaps(kInterruption).size(), 1);
    EXPECT_LE(proxy.failure_episodes(kEpisode), 1);
    EXPECT_LE(proxy.gaps(kInterruption).size(), 1);
    EXPECT_EQ(lost(pooler) + lost(proxy), 0);
}

TEST_F(PostgresTopologyTest, AParameterThatIsLoweredRestartsThePrimaryFirstAndInPlace) {
    const std::string primary = bench_->status()["currentPrimary"];
    Writers writers(pooled(4'000'000));
    bench_->change_spec({{"postgresql", {{"parameters", {{"max_connections", "110"}}}}}});
    const auto is_done = [] { return is_everywhere("110"); };
    bench_->reconcile_until(is_done, 180s);
    const Ledger ledger = writers.stop();
    tell("parameter lowered, through the pooler", ledger);
    std::cout << fmt::format("  {}\n", fmt::join(bench_->actions(), ", "));
    EXPECT_EQ(ledger.failures.size(), 0) << ledger.failures.front();
    EXPECT_EQ(bench_->status()["currentPrimary"], primary);
    EXPECT_EQ(lost(ledger), 0);
}

TEST_F(PostgresTopologyTest, AFencedPrimaryHandsOverAndIsStoppedUntilTheFieldIsRemoved) {
    Writers writers(pooled(5'000'000));
    const std::size_t fenced = bench_->primary();
    const json names = json::array({fmt::format("chat-{}", fenced)});
    bench_->change_spec({{"fencedInstances", names}});
    bench_->reconcile_until([] { return bench_->condition("Fenced"); }, 90s);
    EXPECT_NE(bench_->primary(), fenced);
    EXPECT_THROW(pqxx::connection(bench_->directly(fenced, "app")), pqxx::broken_connection);
    const auto so_far = writers.acknowledged();
    while (writers.acknowledged() < so_far + 200) std::this_thread::sleep_for(50ms);
    const Ledger ledger = writers.stop();
    tell("primary fenced, through the pooler", ledger);
    EXPECT_EQ(ledger.failures.size(), 0) << ledger.failures.front();
    EXPECT_EQ(lost(ledger), 0);
    bench_->change_spec({{"fencedInstances", nullptr}});
    bench_->reconcile_until([] { return bench_->all_stream(); }, 90s);
}

TEST_F(PostgresTopologyTest, ThePauseOfAnOperatorThatDiedIsEndedByTheNextOne) {
    pause();
    ASSERT_TRUE(is_paused());
    bench_->replace_operator();
    bench_->reconcile(1);
    EXPECT_FALSE(is_paused());
}

TEST_F(PostgresTopologyTest, APoolerThatStartsAnewIsNotPaused) {
    pause();
    bench_->pooler().restart_bouncer();
    for (int i = 0; i < 100; ++i) {
        try {
            ASSERT_FALSE(is_paused());
            return;
        } catch (const sql::Error&) {
            std::this_thread::sleep_for(100ms);
        }
    }
    FAIL() << bench_->logs();
}

TEST_F(PostgresTopologyTest, WithoutAnyOperatorTheGuardEndsAPause) {
    bench_->pooler().restart_guard(2);
    pause();
    ASSERT_TRUE(is_paused());
    const auto until = Deadline::after(60s);
    while (is_paused() && !until.has_passed()) std::this_thread::sleep_for(100ms);
    EXPECT_FALSE(is_paused());
}

TEST_F(PostgresTopologyTest, AProxyThatHasJustStartedLeadsNobodyToAStandby) {
    for (int i = 0; i < 5; ++i) {
        bench_->pooler().restart_proxy();
        bool was_led = false;
        for (const auto until = Deadline::after(10s); !was_led && !until.has_passed();) {
            try {
                pqxx::connection connection(bench_->through_proxy("app"));
                pqxx::nontransaction work(connection);
                EXPECT_FALSE(work.query_value<bool>("SELECT pg_is_in_recovery()"));
                was_led = true;
            } catch (const pqxx::broken_connection&) {
                std::this_thread::sleep_for(10ms);
            }
        }
        EXPECT_TRUE(was_led) << bench_->logs();
    }
}

}  // namespace
}  // namespace chatflow::test
