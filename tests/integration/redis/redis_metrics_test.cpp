// What the metrics say, against what was done to real servers.
#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/status.hpp"
#include "controller/reconcilers/redis/exported_metrics.hpp"
#include "libs/redis/errors.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

#include <chrono>
#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chatflow {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;

constexpr std::int64_t kMaxmemory = 8 << 20;

/// A master called queue-0 with a replica called queue-1, and what is exported of them.
class RedisMetricsTest : public testing::Test {
 protected:
    RedisMetricsTest() {
        topology_.metadata.name = "queue";
        topology_.metadata.name_space = "chat";
        topology_.spec.replicas = 1;
        ports_ = {test::find_free_port(), test::find_free_port()};
        start(0, {});
        start(1, {"--replicaof", "127.0.0.1", std::to_string(ports_[0])});
        until([this] { return look().nodes[1].link_up; });
    }

    void start(int index, std::vector<std::string> more) {
        const auto at = static_cast<std::size_t>(index);
        std::vector<std::string> argv{"/usr/bin/redis-server",
                                      "--port",
                                      std::to_string(ports_[at]),
                                      "--bind",
                                      "127.0.0.1",
                                      "--dir",
                                      folder_.path(),
                                      "--save",
                                      "",
                                      "--repl-diskless-sync-delay",
                                      "0",
                                      "--maxmemory",
                                      std::to_string(kMaxmemory),
                                      "--maxmemory-policy",
                                      "allkeys-lru",
                                      "--slowlog-log-slower-than",
                                      "-1"};
        argv.insert(argv.end(), more.begin(), more.end());
        servers_.push_back(std::make_unique<test::ChildProcess>(
            argv, folder_.path() / fmt::format("{}.log", index)));
    }

    [[nodiscard]] Endpoint node(int index) const {
        return {"127.0.0.1", static_cast<std::uint16_t>(ports_[static_cast<std::size_t>(index)])};
    }
    std::vector<redis::Reply> ask(int index, std::vector<redis::Command> commands) {
        return test::run(
            io_, redis_topology::ask(node(index), {}, std::move(commands), Deadline::after(20s)));
    }
    redis::Reply ask(int index, redis::Command command) {
        return test::run(io_, ask_one(node(index), {}, std::move(command), Deadline::after(5s)));
    }

    Observed look() {
        Observed seen{.now = TimePoint{} + 1h, .nodes_now = 2};
        seen.addresses = {{"queue-0", node(0), "127.0.0.1"}, {"queue-1", node(1), "127.0.0.1"}};
        seen.nodes = test::run(io_, observe_nodes({node(0), node(1)}, {}, Deadline::after(5s)));
        seen.sentinels = {{.reachable = true, .master = node(0)}};
        return seen;
    }
    template <class Holds>
    void until(Holds holds) {
        for (const auto deadline = Deadline::after(30s); !holds();) {
            if (deadline.has_passed()) throw std::runtime_error("not within 30 s");
            std::this_thread::sleep_for(50ms);
        }
    }

    /// The value of a metric of one node.
    double exported(const std::string& name, const std::string& pod) {
        const Observed seen = look();
        const auto status = next_status(topology_, seen, make_plan(topology_, seen), {});
        metrics_.observed(topology_, seen, status);
        for (const auto& family : registry_.Collect()) {
            if (family.name != "chatflow_redis_" + name) continue;
            for (const auto& metric : family.metric) {
                for (const auto& label : metric.label) {
                    if (label.name == "redis_node" && label.value == pod) return metric.gauge.value;
                }
            }
        }
        return std::nan("");
    }

    test::TemporaryFolder folder_;
    asio::io_context io_;
    api::RedisTopology topology_;
    std::vector<int> ports_;
    std::vector<std::unique_ptr<test::ChildProcess>> servers_;
    prometheus::Registry registry_;
    RedisMetrics metrics_{registry_};
};

TEST_F(RedisMetricsTest, TellHitsAndMisses) {
    std::vector<redis::Command> commands;
    commands.push_back(redis::Command{"SET", "there", "1"});
    for (int i = 0; i < 7; ++i) commands.push_back(redis::Command{"GET", "there"});
    for (int i = 0; i < 3; ++i) commands.push_back(redis::Command{"GET", "missing"});
    (void)ask(0, std::move(commands));
    EXPECT_EQ(exported("keyspace_hits", "queue-0"), 7);
    EXPECT_EQ(exported("keyspace_misses", "queue-0"), 3);
    EXPECT_EQ(exported("keyspace_hits", "queue-1"), 0);
}

TEST_F(RedisMetricsTest, TellMemoryAndEveryEvictedKey) {
    EXPECT_EQ(exported("memory_max_bytes", "queue-0"), kMaxmemory);
    const double before = exported("memory_used_bytes", "queue-0");
    const std::string megabyte(1 << 20, 'x');
    (void)ask(0, redis::Command{"SET", "one", megabyte});
    const double with_one = exported("memory_used_bytes", "queue-0");
    EXPECT_GE(with_one, before + (1 << 20));
    EXPECT_LT(with_one, before + (4 << 20)) << "the backlog of replication included";
    EXPECT_EQ(exported("evicted_keys", "queue-0"), 0);

    constexpr int kKeys = 400;  // of 64 KiB: three times of what there is room for
    const std::string value(64 << 10, 'x');
    std::vector<redis::Command> commands;
    for (int i = 0; i < kKeys; ++i) {
        commands.push_back(redis::Command{"SET", fmt::format("key:{}", i), value});
    }
    (void)ask(0, std::move(commands));
    const auto left = ask(0, redis::Command{"DBSIZE"}).integer();
    ASSERT_LT(left, kKeys + 1);
    EXPECT_EQ(exported("evicted_keys", "queue-0"), static_cast<double>(kKeys + 1 - left));
}

TEST_F(RedisMetricsTest, TellEntriesEverMadeInTheSlowLog) {
    EXPECT_EQ(exported("slow_commands", "queue-0"), 0);
    std::vector<redis::Command> commands;
    commands.push_back(redis::Command{"CONFIG", "SET", "slowlog-max-len", "2"});
    commands.push_back(redis::Command{"CONFIG", "SET", "slowlog-log-slower-than", "0"});
    for (int i = 0; i < 5; ++i) commands.push_back(redis::Command{"SET", "slow", "1"});
    commands.push_back(redis::Command{"CONFIG", "SET", "slowlog-log-slower-than", "-1"});
    (void)ask(0, std::move(commands));
    // The command that sets the bound is entered by it, the one that takes it away is not; the
    // replica may have acknowledged something in between.
    const double made = exported("slow_commands", "queue-0");
    EXPECT_GE(made, 6);
    EXPECT_LE(made, 7);
    EXPECT_EQ(ask(0, redis::Command{"SLOWLOG", "LEN"}).integer(), 2);
}

TEST_F(RedisMetricsTest, TellByHowManyBytesAReplicaIsBehind) {
    until([this] { return exported("replication_lag_bytes", "queue-1") == 0; });
    // It seeks a master where there is none, and keeps what it has.
    (void)ask(1, redis::Command{"REPLICAOF", "127.0.0.1", "1"});
    (void)ask(0, redis::Command{"SET", "far", std::string(100'000, 'x')});
    const double lag = exported("replication_lag_bytes", "queue-1");
    EXPECT_GE(lag, 100'000);
    EXPECT_LT(lag, 101'000);
    EXPECT_TRUE(std::isnan(exported("replication_lag_bytes", "queue-0"))) << "it is the master";
}

TEST_F(RedisMetricsTest, TellWhoIsUpAndMasterAndHowManyClientsAndCommandsThereWere) {
    EXPECT_EQ(exported("node_up", "queue-1"), 1);
    EXPECT_EQ(exported("node_master", "queue-0"), 1);
    EXPECT_EQ(exported("node_master", "queue-1"), 0);
    EXPECT_GE(exported("connected_clients", "queue-0"), 1);
    const double before = exported("commands_processed", "queue-0");
    std::vector<redis::Command> commands;
    for (int i = 0; i < 500; ++i) commands.push_back(redis::Command{"PING"});
    (void)ask(0, std::move(commands));
    EXPECT_GE(exported("commands_processed", "queue-0"), before + 500);
    servers_[1]->stop(9);
    EXPECT_EQ(exported("node_up", "queue-1"), 0);
    EXPECT_TRUE(std::isnan(exported("memory_used_bytes", "queue-1")));
}

}  // namespace
}  // namespace chatflow
