// Changed settings on real servers, in the order that the plan says.
#include "controller/clients/redis/accounts.hpp"
#include "controller/clients/redis/set_sentinel.hpp"
#include "controller/clients/redis/switchover.hpp"
#include "controller/domain/redis/config.hpp"
#include "controller/domain/redis/objects.hpp"
#include "controller/domain/redis/plan.hpp"
#include "libs/auth/sha256.hpp"
#include "libs/redis/errors.hpp"
#include "tests/integration/redis/ensemble.hpp"
#include "tests/integration/redis/write_ledger.hpp"

#include <memory>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
using test::Ensemble;
using test::WriteLedger;

class RedisSettings : public testing::Test {
 protected:
    RedisSettings() {
        topology_.metadata.name = "node";
        topology_.spec.sentinel.down_after_seconds = 1;
        topology_.spec.sentinel.failover_timeout_seconds = 5;
    }

    Observed observe() {
        Observed seen{.now = TimePoint{} + 1h, .nodes_now = Ensemble::kSize, .revision = "new"};
        for (int i = 0; i < Ensemble::kSize; ++i) {
            const std::string pod = fmt::format("node-{}", i);
            seen.addresses.push_back({pod, ensemble_.node(i), "127.0.0.1"});
            seen.pods.push_back(
                {.name = pod, .uid = pod, .revision = revisions_[static_cast<std::size_t>(i)]});
        }
        seen.nodes = ensemble_.nodes();
        seen.sentinels = ensemble_.sentinels();
        return seen;
    }

    /// As steps.cpp does, for the kinds that a change of settings needs.
    void take(const Step& step, WriteLedger& ledger) {
        const int pod = ordinal_of(step.pod);
        if (step.kind == StepKind::Restart) {
            restarted_.push_back(pod);
            ensemble_.restart_node(pod);
            revisions_[static_cast<std::size_t>(pod)] = "new";
        } else if (step.kind == StepKind::Switchover) {
            const auto route = [this, &ledger, pod]() -> awaitable<void> {
                ledger.lead_to(ensemble_.node(pod));
                co_return;
            };
            const auto result =
                test::run(ensemble_.io(),
                          hand_over({.name = Ensemble::kName,
                                     .from = *consensus_of(ensemble_.sentinels()).master,
                                     .to = ensemble_.node(pod),
                                     .sentinel = ensemble_.sentinel(0)},
                                    ensemble_.credentials(), {.pause = 1900ms, .catch_up = 500ms},
                                    ensemble_.clock(), route, Deadline::after(30s)));
            EXPECT_TRUE(result.done) << result.outcome;
        }
    }

    std::string setting(int node, const char* name) {
        const redis::Command get{"CONFIG", "GET", name};
        return std::string(ensemble_.ask(node, get)[1].text());
    }
    std::string process_of(int node) {
        const redis::Command info{"INFO", "server"};
        const auto reply = ensemble_.ask(node, info);
        const std::string text(reply.text());
        const auto at = text.find("run_id:");
        return text.substr(at, text.find('\r', at) - at);
    }

    Ensemble ensemble_;
    api::RedisTopology topology_;
    std::vector<std::string> revisions_{Ensemble::kSize, "old"};
    std::vector<int> restarted_;
};

TEST_F(RedisSettings, AppendonlyRollsThroughAllNodesWithTheMasterLastAndLosesNothing) {
    const int master = ensemble_.wait_until_safe();
    WriteLedger ledger(ensemble_, ensemble_.node(master));
    ledger.start(4);
    ensemble_.write_settings("appendonly no\n");
    for (int steps = 0; steps < 40; ++steps) {
        ensemble_.wait_until_safe();
        const Plan plan = make_plan(topology_, observe());
        if (plan.steps.empty() && plan.waits_for.empty()) break;
        for (const Step& step : plan.steps) take(step, ledger);
        ensemble_.wait(200ms);
    }
    ensemble_.wait(300ms);
    ledger.stop();
    const int now = ensemble_.wait_until_safe();
    ASSERT_EQ(restarted_.size(), 3U) << "each node once";
    EXPECT_EQ(restarted_.back(), master);
    EXPECT_NE(now, master);
    for (int i = 0; i < Ensemble::kSize; ++i) EXPECT_EQ(setting(i, "appendonly"), "no");
    EXPECT_GT(ledger.acknowledged(), 100U);
    EXPECT_EQ(ledger.lost_on(now), 0U);
}

// Shorter than a failover takes: without being renewed it would end amid it.
TEST_F(RedisSettings, AShortPauseIsRenewedUntilTheOldMasterFollows) {
    const int master = ensemble_.wait_until_safe();
    WriteLedger ledger(ensemble_, ensemble_.node(master));
    ledger.start(4);
    ensemble_.wait(300ms);
    const int target = (master + 1) % Ensemble::kSize;
    const auto route = [this, &ledger, target]() -> awaitable<void> {
        ledger.lead_to(ensemble_.node(target));
        co_return;
    };
    const auto result =
        test::run(ensemble_.io(), hand_over({.name = Ensemble::kName,
                                             .from = ensemble_.node(master),
                                             .to = ensemble_.node(target),
                                             .sentinel = ensemble_.sentinel(0)},
                                            ensemble_.credentials(), {.pause = 400ms},
                                            ensemble_.clock(), route, Deadline::after(30s)));
    ASSERT_TRUE(result.done) << result.outcome;
    ensemble_.wait(300ms);
    ledger.stop();
    const int now = ensemble_.wait_until_safe();
    EXPECT_GT(ledger.acknowledged(), 20U);
    // On a machine that is busy beyond the pause it says so.
    if (result.lossless) {
        EXPECT_EQ(ledger.lost_on(now), 0U);
    }
    EXPECT_EQ(result.lossless, result.outcome == "Done");
}

TEST_F(RedisSettings, DefaultsAreWhatTheServerTakesWithoutALine) {
    ensemble_.wait_for_master();
    const bool is_valkey = test::engine_of_environment() == "valkey";
    const auto engine = is_valkey ? api::RedisEngine::Valkey : api::RedisEngine::Redis;
    for (const auto& [name, value] : live_defaults(engine)) {
        EXPECT_EQ(setting(0, name.c_str()), value) << name;
    }
}

TEST_F(RedisSettings, AccountsMayDoWhatTheirRulesSayAlsoAfterARestartAndGoWhenTheyAreTakenOut) {
    const int master = ensemble_.wait_until_safe();
    ensemble_.set(master, "report:1", "seven");
    const api::RedisUser user{.name = "reports", .rules = "~report:* +@read +ping"};
    const auto give = [this](int node, std::vector<Account> accounts) {
        test::run(ensemble_.io(), set_accounts(ensemble_.node(node), ensemble_.credentials(),
                                               std::move(accounts), Deadline::after(5s)));
    };
    const auto ask_as_user = [this](int node, redis::Command command) {
        const Credentials credentials{.user = "reports", .password = "word"};
        std::vector<redis::Command> commands;
        commands.push_back(std::move(command));
        const auto replies = test::run(
            ensemble_.io(),
            ask(ensemble_.node(node), credentials, std::move(commands), Deadline::after(5s)));
        return replies.front().is_error() ? std::string(replies.front().error_text())
                                          : std::string(replies.front().text());
    };
    for (int i = 0; i < Ensemble::kSize; ++i) give(i, {{user.name, user.rules, "word"}});
    EXPECT_EQ(ask_as_user(master, redis::Command{"GET", "report:1"}), "seven");
    EXPECT_TRUE(ask_as_user(master, redis::Command{"GET", "other"}).starts_with("NOPERM"));
    EXPECT_TRUE(ask_as_user(master, redis::Command{"SET", "report:1", "x"}).starts_with("NOPERM"));

    // As the nodes read it at start.
    topology_.spec.users = {user};
    const auto file = users_file(topology_, {auth::sha256_hex("word")});
    const auto lines = nlohmann::json::parse(file.json)["data"]["users.conf"];
    ensemble_.write_settings("appendonly yes\n" + lines.get<std::string>());
    const int replica = (master + 1) % Ensemble::kSize;
    ensemble_.restart_node(replica);
    ensemble_.wait_until_safe();
    EXPECT_EQ(ask_as_user(replica, redis::Command{"GET", "report:1"}), "seven");

    give(replica, {});
    EXPECT_THROW((void)ask_as_user(replica, redis::Command{"GET", "report:1"}), redis::Error);
    EXPECT_THROW(give(replica, {{"reports", "+nonsense", "word"}}), redis::ServerError);
}

TEST_F(RedisSettings, QuorumAndTimesChangeInTheRunningSentinels) {
    ensemble_.wait_for_master();
    const api::RedisSentinelSpec spec{
        .quorum = 3, .down_after_seconds = 4, .failover_timeout_seconds = 30};
    for (int i = 0; i < Ensemble::kSize; ++i) {
        test::run(ensemble_.io(), set_sentinel(ensemble_.sentinel(i), Ensemble::kName, spec,
                                               ensemble_.credentials(), Deadline::after(5s)));
    }
    for (const SentinelView& view : ensemble_.sentinels()) {
        EXPECT_EQ(view.quorum, 3);
        EXPECT_EQ(view.down_after_ms, 4000);
        EXPECT_EQ(view.failover_timeout_ms, 30'000);
    }
    EXPECT_THAT(ensemble_.memory_of_sentinel(0),
                testing::HasSubstr("master-reboot-down-after-period queue 4000"));
    auto unknown = set_sentinel(ensemble_.sentinel(0), "nobody", spec, ensemble_.credentials(),
                                Deadline::after(5s));
    EXPECT_THROW(test::run(ensemble_.io(), std::move(unknown)), redis::ServerError);
}

TEST_F(RedisSettings, MaxmemoryChangesInTheRunningServers) {
    ensemble_.wait_for_master();
    const std::string before = process_of(0);
    topology_.spec.maxmemory = api::Quantity::from_units(std::int64_t{64} << 20U);
    api::RedisTopologySpec other = topology_.spec;
    other.maxmemory = api::Quantity::from_units(std::int64_t{32} << 20U);
    const NodeConfig config = node_config(topology_.spec);
    EXPECT_EQ(config.restart, node_config(other).restart);
    EXPECT_NE(config.live, node_config(other).live);
    std::vector<std::string_view> words{"CONFIG", "SET"};
    for (const auto& [name, value] : config.live) words.insert(words.end(), {name, value});
    const redis::Command set{std::span<const std::string_view>(words)};
    for (int i = 0; i < Ensemble::kSize; ++i) {
        (void)ensemble_.ask(i, set);
        EXPECT_EQ(setting(i, "maxmemory"), std::to_string(64 << 20));
    }
    EXPECT_EQ(process_of(0), before);
}

}  // namespace
}  // namespace chatflow
