#include "tests/support/test_redis_sets.hpp"

#include "tests/support/free_port.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace chatflow::test {
namespace {

constexpr int kAttemptsMax = 300;
constexpr std::chrono::milliseconds kBetweenAttempts{50};

template <class Condition>
void wait_until(Condition holds, const char* what) {
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        if (holds()) return;
        std::this_thread::sleep_for(kBetweenAttempts);
    }
    throw std::runtime_error(std::string(what) + " not within 15 s");
}

// The kernel chooses; a cluster node also takes the port 10,000 above, which must exist.
int free_port() {
    int port = find_free_port();
    while (port > 55'000) port = find_free_port();
    return port;
}

std::vector<std::string> words(std::initializer_list<std::string> list) { return list; }

}  // namespace

RedisNode::RedisNode(const TemporaryFolder& folder, std::vector<std::string> arguments)
    : port_(free_port()) {
    auto argv = words({"/usr/bin/redis-server", "--bind", "127.0.0.1", "--port",
                       std::to_string(port_), "--save", "", "--dir", folder.path().string(),
                       "--cluster-config-file", std::to_string(port_) + ".nodes"});
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    start(folder, std::move(argv));
}

RedisNode::RedisNode(const TemporaryFolder& folder, const std::string& sentinel_config)
    : port_(free_port()) {
    const auto config =
        folder.write("sentinel.conf", "bind 127.0.0.1\nport " + std::to_string(port_) + "\ndir " +
                                          folder.path().string() + "\n" + sentinel_config);
    start(folder, words({"/usr/bin/redis-server", config.string(), "--sentinel"}));
}

void RedisNode::start(const TemporaryFolder& folder, std::vector<std::string> argv) {
    process_ = std::make_unique<ChildProcess>(
        argv, folder.path() / ("redis-" + std::to_string(port_) + ".log"));
    wait_until([this] { return ask("PING").starts_with("+PONG"); }, "redis is ready");
}

std::string RedisNode::ask(const std::string& command) const {
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    boost::system::error_code failed;
    socket.connect({asio::ip::address_v4::loopback(), static_cast<asio::ip::port_type>(port_)},
                   failed);
    if (failed) return "";
    asio::write(socket, asio::buffer(command + "\r\n"), failed);
    std::string answer(64U << 10U, '\0');
    const auto size = socket.read_some(asio::buffer(answer), failed);
    answer.resize(failed ? 0 : size);
    return answer;
}

TestSentinelSet::TestSentinelSet() {
    const auto at_once = words({"--repl-diskless-sync-delay", "0"});
    nodes_.push_back(std::make_unique<RedisNode>(folder_, at_once));
    const auto master_port = std::to_string(master().port());
    const auto following = words({"--replicaof", "127.0.0.1 " + master_port});
    nodes_.push_back(std::make_unique<RedisNode>(folder_, following));
    const auto follows = [this] {
        return replica().ask("INFO replication").contains("master_link_status:up");
    };
    wait_until(follows, "the replica follows");
    sentinel_ =
        std::make_unique<RedisNode>(folder_, "sentinel monitor chat 127.0.0.1 " + master_port +
                                                 " 1\nsentinel down-after-milliseconds chat 2000\n"
                                                 "sentinel failover-timeout chat 3000\n");
    const auto is_known = [this] {
        return sentinel_->ask("SENTINEL REPLICAS chat").contains("master-link-status\r\n$2\r\nok");
    };
    wait_until(is_known, "the Sentinel knows the replica");
}

TestRedisCluster::TestRedisCluster() {
    const std::string ranges[] = {"0 5460", "5461 10922", "10923 16383"};
    for (const auto& range : ranges) {
        nodes_.push_back(std::make_unique<RedisNode>(folder_, words({"--cluster-enabled", "yes"})));
        if (!nodes_.back()->ask("CLUSTER ADDSLOTSRANGE " + range).starts_with("+OK")) {
            throw std::runtime_error("the slots cannot be assigned");
        }
    }
    for (std::size_t i = 1; i < nodes_.size(); ++i) {
        (void)node(i).ask("CLUSTER SET-CONFIG-EPOCH " + std::to_string(i + 1));
        (void)node(i).ask("CLUSTER MEET 127.0.0.1 " + std::to_string(node(0).port()));
    }
    for (const auto& node : nodes_) {
        const auto is_whole = [&] {
            const auto info = node->ask("CLUSTER INFO");
            return info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3");
        };
        wait_until(is_whole, "the cluster is whole");
    }
}

std::string TestRedisCluster::id_of(std::size_t index) const {
    const auto reply = nodes_[index]->ask("CLUSTER MYID");
    return reply.substr(reply.find('\n') + 1, 40);
}

void TestRedisCluster::begin_move(int slot, std::size_t from, std::size_t to) {
    const auto set = "CLUSTER SETSLOT " + std::to_string(slot);
    (void)node(to).ask(set + " IMPORTING " + id_of(from));
    (void)node(from).ask(set + " MIGRATING " + id_of(to));
}

void TestRedisCluster::end_move(int slot, std::size_t to) {
    const auto set = "CLUSTER SETSLOT " + std::to_string(slot) + " NODE " + id_of(to);
    (void)node(to).ask(set);
    for (const auto& each : nodes_) (void)each->ask(set);
}

}  // namespace chatflow::test
