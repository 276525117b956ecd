#include "tests/integration/redis/cluster_set.hpp"

#include "controller/clients/redis/cluster_steps.hpp"
#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/backup_sources.hpp"
#include "libs/redis/errors.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/run.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

namespace chatflow::test {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr const char* kPassword = "cluster-secret";
const Credentials kCredentials{.user = {}, .password = kPassword};

std::string program() {
    const char* path = std::getenv("CHATFLOW_REDIS");
    if (path == nullptr) throw std::runtime_error("CHATFLOW_REDIS names no program");
    return path;
}

// The nodes speak to each other at the port 10,000 above, which must exist.
int free_port() {
    int port = find_free_port();
    while (port > 55'000) port = find_free_port();
    return port;
}

template <class Result>
Result await(awaitable<Result> work) {
    boost::asio::io_context io;
    return run(io, std::move(work));
}

}  // namespace

struct ClusterSet::Node {
    int port = 0;
    fs::path folder;
    std::unique_ptr<ChildProcess> process;
};

ClusterSet::ClusterSet(int shards, fs::path first_data) : first_data_(std::move(first_data)) {
    topology_.metadata.name = "feed";
    topology_.spec.mode = api::RedisMode::Cluster;
    topology_.spec.shards = shards;
    folder_.write("password", kPassword);
    folder_.write("topology.conf",
                  "bind 127.0.0.1\nappendonly yes\nsave \"\"\nrepl-diskless-sync-delay 0\n"
                  "cluster-enabled yes\ncluster-config-file nodes.conf\n"
                  "cluster-node-timeout 1000\ncluster-require-full-coverage no\n"
                  "cluster-allow-replica-migration no\n");
    resize(wanted_nodes(topology_.spec));
}

ClusterSet::~ClusterSet() = default;

void ClusterSet::resize(int nodes) {
    while (static_cast<int>(nodes_.size()) > nodes) nodes_.pop_back();
    while (static_cast<int>(nodes_.size()) < nodes) {
        auto node = std::make_unique<Node>();
        node->port = free_port();
        node->folder = folder_.path() / fmt::format("node-{}", nodes_.size());
        fs::create_directories(node->folder);
        nodes_.push_back(std::move(node));
        bring_first_data(this->nodes() - 1);
        start(this->nodes() - 1);
    }
}

void ClusterSet::bring_first_data(int number) {
    const int per_shard = 1 + topology_.spec.replicas_per_shard;
    if (first_data_.empty() || number % per_shard != 0) return;
    const Node& node = *nodes_[static_cast<std::size_t>(number)];
    const int code = run_copy({"restore", "--from", first_data_, "--folder", node.folder,
                               "--appendonly", "--shard", std::to_string(number / per_shard),
                               "--shards", std::to_string(topology_.spec.shards)});
    if (code != 0) throw std::runtime_error(said());
}

int ClusterSet::back_up(const fs::path& to, const std::string& name) {
    const Observed seen = observe();
    std::vector<std::string> arguments{"backup", "--folder", to, "--backup", name};
    for (const std::string& pod : backup_sources(topology_, seen)) {
        const auto at = std::ranges::find(seen.addresses, pod, &RoutedPod::name);
        arguments.insert(arguments.end(), {"--node", to_string(at->endpoint)});
    }
    return run_copy(std::move(arguments));
}

int ClusterSet::run_copy(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program());
    arguments.insert(arguments.end(),
                     {"--name", "feed", "--password-file", folder_.path() / "password", "--client",
                      "/usr/bin/redis-cli", "--check", "/usr/bin/redis-check-rdb", "--result",
                      folder_.path() / "said"});
    return ChildProcess(arguments, folder_.path() / "copies.log").wait();
}

std::string ClusterSet::said() const {
    std::ifstream file(folder_.path() / "said");
    return {std::istreambuf_iterator<char>(file), {}};
}

void ClusterSet::start(int number) {
    Node& node = *nodes_[static_cast<std::size_t>(number)];
    const fs::path run_folder = folder_.path() / fmt::format("run-{}", number);
    fs::create_directories(run_folder);
    std::vector<std::string> argv{program(),
                                  "start",
                                  "--cluster",
                                  "--name",
                                  "feed",
                                  "--self",
                                  fmt::format("127.0.0.1:{}", node.port),
                                  "--password-file",
                                  folder_.path() / "password",
                                  "--folder",
                                  node.folder,
                                  "--run-folder",
                                  run_folder,
                                  "--include",
                                  folder_.path() / "topology.conf",
                                  "--include-if-there",
                                  folder_.path() / "users.conf",
                                  "--server",
                                  "/usr/bin/redis-server"};
    for (const auto& other : nodes_) {
        if (other->port == node.port) continue;
        argv.insert(argv.end(), {"--node", fmt::format("127.0.0.1:{}", other->port)});
    }
    node.process =
        std::make_unique<ChildProcess>(argv, folder_.path() / fmt::format("{}.log", number));
}

int ClusterSet::port(int node) const { return nodes_[static_cast<std::size_t>(node)]->port; }

NodeView ClusterSet::node(int number) {
    const Endpoint endpoint{"127.0.0.1", static_cast<std::uint16_t>(port(number))};
    return await(observe_node(endpoint, kCredentials, Deadline::after(2s)));
}

Observed ClusterSet::observe() {
    Observed seen{.now = TimePoint{} + 1h, .nodes_now = nodes(), .revision = "r"};
    std::vector<Endpoint> endpoints;
    for (int i = 0; i < nodes(); ++i) {
        const std::string pod = fmt::format("feed-{}", i);
        endpoints.push_back({"127.0.0.1", static_cast<std::uint16_t>(port(i))});
        seen.addresses.push_back({pod, endpoints.back(), "127.0.0.1"});
        seen.pods.push_back(
            {.name = pod, .uid = pod, .ip = "127.0.0.1", .revision = "r", .role = {}});
    }
    seen.nodes = await(observe_nodes(endpoints, kCredentials, Deadline::after(2s)));
    seen.cluster = await(observe_cluster(endpoints, kCredentials, Deadline::after(2s)));
    return seen;
}

ClusterState ClusterSet::state() { return cluster_state(topology_, observe()); }

ClusterPlan ClusterSet::round() {
    ClusterPlan plan = make_cluster_plan(topology_, observe());
    SystemClock clock;
    for (const ClusterStep& step : plan.steps) {
        try {
            await(take_cluster_step(step, kCredentials, clock, Deadline::after(10s)));
        } catch (const redis::Error&) {
            break;  // the next look tells, as in the reconciler
        }
    }
    resize(plan.counts.nodes);
    return plan;
}

bool ClusterSet::settle(int seconds) {
    const auto deadline = Deadline::after(std::chrono::seconds(seconds));
    while (!deadline.has_passed()) {
        const int before = nodes();
        const ClusterPlan plan = round();
        const bool is_done = plan.steps.empty() && plan.waits_for.empty() && nodes() == before;
        if (is_done && is_cluster_well(topology_, observe())) return true;
        last_ = plan;
        std::this_thread::sleep_for(200ms);
    }
    return false;
}

std::string ClusterSet::unfinished() const {
    std::string text = last_.waits_for;
    for (const ClusterStep& step : last_.steps) {
        text += fmt::format("\n{} ({}): {}", step.pod, static_cast<int>(step.kind), step.reason);
    }
    return text;
}

void ClusterSet::restart_all_elsewhere() {
    for (const auto& node : nodes_) {
        node->process->stop(SIGKILL);
        node->port = free_port();
    }
    for (int i = 0; i < nodes(); ++i) start(i);
}

void ClusterSet::replace(int number) {
    Node& node = *nodes_[static_cast<std::size_t>(number)];
    node.process->stop(SIGKILL);
    fs::remove_all(node.folder);
    fs::create_directories(node.folder);
    start(number);
}

void ClusterSet::hand_over(int number) {
    ChildProcess process(
        {program(), "hand-over", "--cluster", "--name", "feed", "--self",
         fmt::format("127.0.0.1:{}", port(number)), "--password-file", folder_.path() / "password"},
        folder_.path() / fmt::format("hand-over-{}.log", number));
    process.wait();
}

}  // namespace chatflow::test
