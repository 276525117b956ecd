#pragma once

#include "tests/support/child_process.hpp"
#include "tests/support/temporary_folder.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace chatflow::test {

/// One redis-server (or Sentinel) of several; ready when constructed.
class RedisNode {
 public:
    RedisNode(const TemporaryFolder& folder, std::vector<std::string> arguments);
    RedisNode(const TemporaryFolder& folder, const std::string& sentinel_config);

    [[nodiscard]] int port() const { return port_; }
    void kill() { process_->stop(9); }

    /// Sends an inline command on a connection of its own; the first bytes of the answer.
    [[nodiscard]] std::string ask(const std::string& command) const;

 private:
    void start(const TemporaryFolder& folder, std::vector<std::string> argv);

    int port_;
    std::unique_ptr<ChildProcess> process_;
};

/// A master, a replica and a Sentinel that fails over by itself after half a second; the set is
/// called "chat".
class TestSentinelSet {
 public:
    TestSentinelSet();

    [[nodiscard]] RedisNode& master() { return *nodes_[0]; }
    [[nodiscard]] RedisNode& replica() { return *nodes_[1]; }
    [[nodiscard]] int sentinel_port() const { return sentinel_->port(); }

 private:
    TemporaryFolder folder_;
    std::vector<std::unique_ptr<RedisNode>> nodes_;
    std::unique_ptr<RedisNode> sentinel_;
};

/// A Redis Cluster of three masters with all slots served.
class TestRedisCluster {
 public:
    TestRedisCluster();

    [[nodiscard]] RedisNode& node(std::size_t index) { return *nodes_[index]; }

    /// Moves an empty slot's ownership half the way (MIGRATING and IMPORTING) or wholly.
    void begin_move(int slot, std::size_t from, std::size_t to);
    void end_move(int slot, std::size_t to);

 private:
    [[nodiscard]] std::string id_of(std::size_t index) const;

    TemporaryFolder folder_;
    std::vector<std::unique_ptr<RedisNode>> nodes_;
};

}  // namespace chatflow::test
