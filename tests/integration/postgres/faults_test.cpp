#include "tests/integration/postgres/operator_bench.hpp"
#include "tests/integration/postgres/probers.hpp"
#include "tests/integration/postgres/writers.hpp"
#include "tests/support/temporary_folder.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pqxx/pqxx>

// What is lost when processes break; hack/chaos postgres-local has it do more of that.
namespace chatflow::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::array kKinds{"patroni", "postmaster", "volume", "stop", "away", "all"};
constexpr auto kFrozen = 30s;
// What a kubelet takes to start a container anew.
constexpr auto kRestart = 1s;
// Of slow_voter/sitecustomize.py.
constexpr auto kSlowVoter = 6s;

/// Faults that were asked for; 0: the short run of the tests.
int faults_asked() {
    const char* const count = std::getenv("CHATFLOW_FAULTS");
    return count == nullptr ? 0 : std::atoi(count);
}

class PostgresFaults : public testing::Test {
 protected:
    void begin(const std::string& durability, std::vector<std::string> environment = {}) {
        bench_ = std::make_unique<OperatorBench>(
            json{{"durability", durability},
                 {"users", {{{"name", "app"}}}},
                 {"databases", {{{"name", "app"}, {"owner", "app"}}}},
                 {"pooler", {{"instances", 1}}}},
            "chat",
            OperatorBench::Surroundings{.repository = {}, .environment = std::move(environment)});
        bench_->reconcile_until([this] { return bench_->all_stream(); }, 120s);
        bench_->start_pooler();
        bench_->reconcile_until(
            [this] { return bench_->status()["pooler"].value("ready", 0) == 1; }, 30s);
        std::vector<std::string> members;
        for (std::size_t i = 0; i < bench_->members(); ++i) {
            members.push_back(bench_->directly(i, "app"));
        }
        on_database("CREATE TABLE ledger (row bigint PRIMARY KEY)");
        on_database("CREATE TABLE probe (member int)");
        writers_ = std::make_unique<Writers>(
            Writers::Options{.connection = bench_->through_pooler("app")});
        probers_ = std::make_unique<Probers>(std::move(members));
        wait_for_writes(200);
    }

    void on_database(const std::string& statement) {
        pqxx::connection connection(bench_->through_pooler("app"));
        pqxx::nontransaction(connection).exec(statement);
    }

    void wait_for_writes(std::size_t more) {
        const auto until = writers_->acknowledged() + more;
        const auto limit = Deadline::after(120s);
        while (writers_->acknowledged() < until && !limit.has_passed()) {
            std::this_thread::sleep_for(50ms);
        }
        EXPECT_GE(writers_->acknowledged(), until) << "no writes" << bench_->logs();
    }

    /// By the operator's word and by that of the primary.
    bool is_well() {
        if (!bench_->all_stream()) return false;
        try {
            const auto rows = bench_->on_primary(
                {"SELECT count(*) AS count FROM pg_stat_replication WHERE state = 'streaming'"});
            return std::stoul(rows[0][0].at("count")) + 1 == bench_->members();
        } catch (const std::exception&) {
            return false;  // it is changing
        }
    }

    void crash(Member& member, bool with_volume) {
        member.crash();
        if (with_volume) member.remove_data();
        std::this_thread::sleep_for(kRestart);
        member.start();
    }

    void strike(const std::string& kind) {
        Member& primary = bench_->member(bench_->primary());
        if (kind == "postmaster") return primary.kill_server();
        if (kind == "patroni") return crash(primary, false);
        if (kind == "volume") return crash(primary, true);
        if (kind == "away") {
            crash(primary, false);
            std::this_thread::sleep_for(20s);  // nobody visits in the meantime
            return;
        }
        if (kind == "stop") {
            primary.freeze();
            const auto until = Deadline::after(kFrozen);
            while (!until.has_passed()) {
                bench_->reconcile(1);
                std::this_thread::sleep_for(1s);
            }
            return primary.thaw();
        }
        for (std::size_t i = 0; i < bench_->members(); ++i) bench_->member(i).crash();
        std::this_thread::sleep_for(kRestart);
        for (std::size_t i = 0; i < bench_->members(); ++i) bench_->member(i).start();
    }

    void fault(int number, const std::string& kind) {
        const std::size_t before = bench_->primary();
        const auto begin = steady_clock::now();
        strike(kind);
        wait_for_writes(50);
        bench_->reconcile_until([this] { return is_well(); }, 180s);
        const auto well = std::chrono::round<milliseconds>(steady_clock::now() - begin);
        wait_for_writes(50);
        std::cout << fmt::format("fault {:2} {:10} primary {} -> {} gap {:6} ms well {:6} ms\n",
                                 number, kind, before, bench_->primary(),
                                 writers_->longest_gap_since(begin).count(), well.count())
                  << std::flush;
    }

    [[nodiscard]] std::size_t other_than(std::size_t a, std::size_t b) const { return 3 - a - b; }

    /// Until the member's log has the line, or two minutes are over.
    void wait_for_line(std::size_t member, const std::string& line) {
        const auto limit = Deadline::after(120s);
        while (!bench_->member(member).log().contains(line) && !limit.has_passed()) {
            std::this_thread::sleep_for(100ms);
        }
        EXPECT_TRUE(bench_->member(member).log().contains(line)) << bench_->logs();
    }

    std::size_t lost(const Ledger& ledger) {
        std::set<long> there;
        pqxx::connection connection(bench_->through_pooler("app"));
        pqxx::nontransaction work(connection);
        for (const auto& [row] : work.query<long>("SELECT row FROM ledger")) there.insert(row);
        return static_cast<std::size_t>(std::ranges::count_if(
            ledger.acknowledged, [&](long row) { return !there.contains(row); }));
    }

    struct Verdict {
        std::size_t acknowledged;
        std::size_t lost;
        std::size_t dual;
    };
    Verdict verdict() {
        probers_->stop();
        const Ledger ledger = writers_->stop();
        const Verdict verdict{ledger.acknowledged.size(), lost(ledger), probers_->dual_primaries()};
        std::cout << fmt::format("acknowledged {} lost {} dual {} probes {} failures {}\n",
                                 verdict.acknowledged, verdict.lost, verdict.dual,
                                 probers_->acknowledged(), ledger.failures.size());
        return verdict;
    }

    std::unique_ptr<OperatorBench> bench_;
    std::unique_ptr<Writers> writers_;
    std::unique_ptr<Probers> probers_;
};

TEST_F(PostgresFaults, NoAcknowledgedWriteIsLostAndNoTwoMembersTakeWritesInTurn) {
    begin("Required");
    const int count = std::max(1, faults_asked());
    for (int i = 0; i < count; ++i) {
        fault(i + 1, kKinds[static_cast<std::size_t>(i) % kKinds.size()]);
    }
    const Verdict found = verdict();
    EXPECT_EQ(found.lost, 0);
    EXPECT_EQ(found.dual, 0);
}

TEST_F(PostgresFaults, AFormerPrimaryDoesNotTakeOverByTheLengthOfItsWal) {
    begin("Required");
    const std::size_t former = bench_->primary();
    bench_->member(former).crash();
    bench_->reconcile_until([&] { return bench_->primary() != former; }, 60s);
    wait_for_writes(200);
    const std::size_t primary = bench_->primary();
    const std::size_t standby = other_than(former, primary);
    bench_->member(primary).crash();
    bench_->member(standby).crash();
    // With nobody to rewind to, its crash recovery begins a new segment.
    bench_->member(former).start();
    wait_for_line(former, "doing crash recovery in a single user mode");
    wait_for_line(former, "starting as a secondary");
    bench_->member(standby).start();  // which alone has all that was acknowledged
    bench_->reconcile_until([&] { return bench_->primary() == standby; }, 90s);
    wait_for_writes(50);
    bench_->member(primary).start();
    bench_->reconcile_until([this] { return is_well(); }, 180s);
    const Verdict found = verdict();
    EXPECT_EQ(found.lost, 0);
    EXPECT_EQ(found.dual, 0);
}

TEST_F(PostgresFaults, WhoWasPromotedToTheSameTimelineIsClonedAnew) {
    begin("Required");
    const std::size_t primary = bench_->primary();
    const std::size_t twin = (primary + 1) % 3;
    bench_->member(twin).crash();
    bench_->member(twin).promote_alone();
    const std::size_t third = other_than(primary, twin);
    // Until then the third has no quorum without it.
    bench_->reconcile_until([&] { return bench_->voters() == fmt::format("chat-{} (0)", third); },
                            60s);
    wait_for_writes(50);
    bench_->member(primary).crash();
    bench_->reconcile_until([&] { return bench_->primary() == third; }, 60s);
    bench_->member(primary).start();
    wait_for_writes(50);
    bench_->member(twin).start();
    wait_for_line(twin, "its data go, to be cloned anew");
    bench_->reconcile_until([this] { return is_well(); }, 180s);
    EXPECT_EQ(verdict().lost, 0);
}

TEST_F(PostgresFaults, WhoHasVotedAcknowledgesNothingToAFrozenPrimary) {
    const TemporaryFolder slow;
    std::filesystem::permissions(slow.path(), std::filesystem::perms::all);
    begin("Required",
          {"PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=tests/integration/postgres/slow_voter",
           "SLOW_VOTERS=" + slow.path().string()});
    EXPECT_EQ(lost(writers_->stop()), 0);
    const std::size_t former = bench_->primary();
    // So few that both standbys have the same when they look at each other.
    Writers loyal({.connection = bench_->directly(former, "app"),
                   .clients = 1,
                   .per_second = 4,
                   .first_row = 1'000'000'000});
    slow.write(fmt::format("chat-{}", (former + 1) % 3), "");
    bench_->member(former).freeze();  // its PostgreSQL goes on
    bench_->reconcile_until([&] { return bench_->primary() != former; }, 90s);
    std::this_thread::sleep_for(kSlowVoter);  // what it acknowledges now is lost
    bench_->member(former).thaw();
    bench_->reconcile_until([this] { return is_well(); }, 180s);
    const Ledger ledger = loyal.stop();
    EXPECT_GT(ledger.acknowledged.size(), 0);
    EXPECT_EQ(lost(ledger), 0);
}

TEST_F(PostgresFaults, WhoHasVotedInVainFollowsThePrimaryThatComesBack) {
    begin("Required");
    const std::size_t former = bench_->primary();
    const std::size_t standby = (former + 1) % 3;
    Member& third = bench_->member(other_than(former, standby));
    bench_->member(former).freeze();
    third.crash();  // without whose vote nobody is promoted
    wait_for_line(standby, "let go of the old primary");
    bench_->member(former).thaw();
    wait_for_writes(50);
    third.start();
    bench_->reconcile_until([this] { return is_well(); }, 180s);
    EXPECT_EQ(bench_->primary(), former);
    EXPECT_EQ(verdict().lost, 0);
}

TEST_F(PostgresFaults, WithoutDurabilityTheLedgerSeesWhatIsLost) {
    if (faults_asked() == 0) GTEST_SKIP() << "the control of a campaign";
    begin("None");
    Member& primary = bench_->member(bench_->primary());
    primary.freeze_senders();
    wait_for_writes(500);
    crash(primary, true);
    wait_for_writes(50);
    bench_->reconcile_until([this] { return is_well(); }, 180s);
    EXPECT_GT(verdict().lost, 0);
}

}  // namespace
}  // namespace chatflow::test
