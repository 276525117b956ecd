#pragma once

#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/tls.hpp"
#include "libs/async/clock.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_folder.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace chatflow::test {

/// $CHATFLOW_ENGINE, else redis.
[[nodiscard]] std::string engine_of_environment();

struct EnsembleKind {
    std::string engine = engine_of_environment();  // redis or valkey, as the programs are called
    std::optional<redis_topology::Certificates> certificates{};  // every connection is by TLS
    std::filesystem::path first_data{};  // a folder of backups; node 0 begins with the newest
};

/// Real redis-server and redis-sentinel processes on 127.0.0.1, started by chatflow-redis as in
/// the image: three of each. Down after two seconds instead of five; below that a Sentinel takes a
/// new master for dead, which it asks for the first time after one second.
class Ensemble {
 public:
    static constexpr int kSize = 3;
    static constexpr const char* kName = "queue";
    static constexpr const char* kPassword = "secret-of-the-test";
    static constexpr std::chrono::milliseconds kDownAfter{2000};

    using Kind = EnsembleKind;
    explicit Ensemble(Kind kind = {});

    /// Writes the files that the kubelet would change, and has the running nodes read them.
    void change_certificates(const redis_topology::Certificates& certificates);
    /// Of what the node shows.
    std::string shown_certificate(int node);

    /// Runs chatflow-redis backup or restore; its exit code. `said`: what it left as its last word.
    int back_up(int node, const std::filesystem::path& to, const std::string& name, int keep);
    int restore(const std::filesystem::path& from, const std::filesystem::path& to);
    [[nodiscard]] std::string said() const;

    void start_node(int index);
    void start_sentinel(int index);
    void kill_node(int index);
    /// Ends it in order, and starts it with the settings of now.
    void restart_node(int index);
    /// Further lines of redis.conf, for the next starts.
    void write_settings(const std::string& lines);
    void kill_sentinel(int index);
    /// As a volume that is gone; the node must not run.
    void wipe_node(int index);
    void wipe_sentinel(int index);
    /// The file that it writes itself.
    [[nodiscard]] std::string memory_of_sentinel(int index) const;

    [[nodiscard]] redis_topology::Endpoint node(int index) const;
    [[nodiscard]] redis_topology::Endpoint sentinel(int index) const;
    [[nodiscard]] std::vector<redis_topology::NodeView> nodes();
    [[nodiscard]] std::vector<redis_topology::SentinelView> sentinels();

    /// Of the node that says that it is master, that all Sentinels name, and that all other running
    /// nodes follow; -1 while there is none such.
    [[nodiscard]] int master();
    /// Waits for it; fails the test after 40 s.
    int wait_for_master();
    /// And until every Sentinel could replace it: they hear of replicas each 10 s.
    int wait_until_safe();

    redis::Reply ask(int node, redis::Command command);
    void set(int node, const std::string& key, const std::string& value);
    std::string get(int node, const std::string& key);

    [[nodiscard]] redis_topology::Credentials credentials() const;
    [[nodiscard]] asio::io_context& io() { return io_; }
    [[nodiscard]] Clock& clock() { return clock_; }
    void wait(std::chrono::milliseconds time) { run(io_, clock_.sleep_for(time)); }
    bool wait_until(const std::function<bool()>& holds);

 private:
    [[nodiscard]] std::vector<std::string> places() const;
    void write_certificates();
    void add_tls(std::vector<std::string>& arguments) const;
    int run_copy(std::vector<std::string> arguments);
    /// As the agent does beside each Sentinel.
    void make_electable();

    Kind kind_;
    TemporaryFolder folder_;
    asio::io_context io_;
    SystemClock clock_;
    std::vector<int> node_ports_;
    std::vector<int> sentinel_ports_;
    std::vector<std::unique_ptr<ChildProcess>> node_processes_;
    std::vector<std::unique_ptr<ChildProcess>> sentinel_processes_;
};

}  // namespace chatflow::test
