#include "tests/integration/redis/ensemble.hpp"

#include "controller/domain/redis/agent_settings.hpp"
#include "controller/domain/redis/route.hpp"
#include "tests/support/free_port.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace chatflow::test {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string program() {
    const char* path = std::getenv("CHATFLOW_REDIS");
    if (path == nullptr) throw std::runtime_error("CHATFLOW_REDIS names no program");
    return path;
}

}  // namespace

std::string engine_of_environment() {
    const char* engine = std::getenv("CHATFLOW_ENGINE");
    return engine == nullptr ? "redis" : engine;
}

Ensemble::Ensemble(Kind kind)
    : kind_(std::move(kind)), node_processes_(kSize), sentinel_processes_(kSize) {
    folder_.write("password", kPassword);
    write_certificates();
    write_settings("appendonly yes\n");
    for (int i = 0; i < kSize; ++i) {
        node_ports_.push_back(find_free_port());
        sentinel_ports_.push_back(find_free_port());
        fs::create_directories(folder_.path() / fmt::format("node-{}", i));
        fs::create_directories(folder_.path() / fmt::format("sentinel-{}", i));
        fs::create_directories(folder_.path() / fmt::format("run-{}", i));
    }
    AgentSettings settings{.down_after = kDownAfter, .failover_timeout = 5s};
    for (int i = 0; i < kSize; ++i) {
        settings.sentinels.push_back({sentinel(i).host, sentinel(i).port});
    }
    folder_.write("agents.conf", to_text(settings));
    if (!kind_.first_data.empty() && restore(kind_.first_data, folder_.path() / "node-0") != 0) {
        throw std::runtime_error("cannot restore: " + said());
    }
    for (int i = 0; i < kSize; ++i) start_sentinel(i);
    for (int i = 0; i < kSize; ++i) start_node(i);
}

void Ensemble::write_settings(const std::string& lines) {
    folder_.write("topology.conf",
                  "bind 127.0.0.1\nsave \"\"\nrepl-diskless-sync-delay 0\n" + lines);
}

Credentials Ensemble::credentials() const {
    Credentials credentials{.user = {}, .password = kPassword};
    if (kind_.certificates) {
        credentials.trust = {.ca_file = {},
                             .authorities = kind_.certificates->authorities,
                             .server_name = "localhost"};
    }
    return credentials;
}

void Ensemble::write_certificates() {
    if (!kind_.certificates) return;
    folder_.write("tls.crt", kind_.certificates->server.certificate);
    folder_.write("tls.key", kind_.certificates->server.key);
    folder_.write("ca.crt", kind_.certificates->authorities);
}

void Ensemble::change_certificates(const Certificates& certificates) {
    kind_.certificates = certificates;
    write_certificates();
    for (int i = 0; i < kSize; ++i) {
        run(io_, reread_certificates(node(i), credentials(), folder_.path(), Deadline::after(2s)));
    }
}

std::string Ensemble::shown_certificate(int index) {
    return run(io_,
               redis_topology::shown_certificate(node(index), credentials(), Deadline::after(2s)));
}

void Ensemble::add_tls(std::vector<std::string>& arguments) const {
    if (!kind_.certificates) return;
    arguments.insert(arguments.end(),
                     {"--tls-folder", folder_.path(), "--server-name", "localhost"});
}

int Ensemble::run_copy(std::vector<std::string> arguments) {
    arguments.insert(
        arguments.end(),
        {"--name", kName, "--password-file", folder_.path() / "password", "--client",
         fmt::format("/usr/bin/{}-cli", kind_.engine), "--check",
         fmt::format("/usr/bin/{}-check-rdb", kind_.engine), "--result", folder_.path() / "said"});
    add_tls(arguments);
    arguments.insert(arguments.begin(), program());
    return ChildProcess(arguments, folder_.path() / "copies.log").wait();
}

int Ensemble::back_up(int index, const fs::path& to, const std::string& name, int keep) {
    return run_copy({"backup", "--folder", to, "--backup", name, "--keep", std::to_string(keep),
                     "--node", to_string(node(index))});
}

int Ensemble::restore(const fs::path& from, const fs::path& to) {
    return run_copy({"restore", "--from", from, "--folder", to, "--appendonly"});
}

std::string Ensemble::said() const {
    std::ifstream file(folder_.path() / "said");
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Ensemble::places() const {
    std::vector<std::string> arguments{"--settings", folder_.path() / "agents.conf"};
    for (int i = 0; i < kSize; ++i) {
        arguments.insert(arguments.end(), {"--node", to_string(node(i))});
    }
    return arguments;
}

void Ensemble::start_node(int index) {
    const auto at = static_cast<std::size_t>(index);
    std::vector<std::string> argv{
        program(),         "start",
        "--name",          kName,
        "--self",          to_string(node(index)),
        "--password-file", folder_.path() / "password",
        "--folder",        folder_.path() / fmt::format("node-{}", index),
        "--run-folder",    folder_.path() / fmt::format("run-{}", index),
        "--include",       folder_.path() / "topology.conf",
        "--server",        fmt::format("/usr/bin/{}-server", kind_.engine)};
    add_tls(argv);
    for (auto& argument : places()) argv.push_back(argument);
    node_processes_[at] =
        std::make_unique<ChildProcess>(argv, folder_.path() / fmt::format("node-{}.log", index));
}

void Ensemble::start_sentinel(int index) {
    const auto at = static_cast<std::size_t>(index);
    std::vector<std::string> argv{
        program(),         "sentinel",
        "--name",          kName,
        "--self",          to_string(sentinel(index)),
        "--identity",      fmt::format("test-{}", index),
        "--password-file", folder_.path() / "password",
        "--folder",        folder_.path() / fmt::format("sentinel-{}", index),
        "--server",        fmt::format("/usr/bin/{}-server", kind_.engine)};
    add_tls(argv);
    for (auto& argument : places()) argv.push_back(argument);
    sentinel_processes_[at] = std::make_unique<ChildProcess>(
        argv, folder_.path() / fmt::format("sentinel-{}.log", index));
}

void Ensemble::kill_node(int index) {
    node_processes_[static_cast<std::size_t>(index)]->stop(SIGKILL);
}

void Ensemble::restart_node(int index) {
    node_processes_[static_cast<std::size_t>(index)]->stop(SIGTERM);
    start_node(index);
}

void Ensemble::kill_sentinel(int index) {
    sentinel_processes_[static_cast<std::size_t>(index)]->stop(SIGKILL);
}

void Ensemble::wipe_node(int index) {
    const fs::path data = folder_.path() / fmt::format("node-{}", index);
    fs::remove_all(data);
    fs::create_directories(data);
}

void Ensemble::wipe_sentinel(int index) {
    fs::remove(folder_.path() / fmt::format("sentinel-{}", index) / "sentinel.conf");
}

std::string Ensemble::memory_of_sentinel(int index) const {
    std::ifstream file(folder_.path() / fmt::format("sentinel-{}", index) / "sentinel.conf");
    return {std::istreambuf_iterator<char>(file), {}};
}

Endpoint Ensemble::node(int index) const {
    return {"127.0.0.1", static_cast<std::uint16_t>(node_ports_[static_cast<std::size_t>(index)])};
}

Endpoint Ensemble::sentinel(int index) const {
    return {"127.0.0.1",
            static_cast<std::uint16_t>(sentinel_ports_[static_cast<std::size_t>(index)])};
}

std::vector<NodeView> Ensemble::nodes() {
    std::vector<Endpoint> endpoints;
    for (int i = 0; i < kSize; ++i) endpoints.push_back(node(i));
    return run(io_, observe_nodes(endpoints, credentials(), Deadline::after(2s)));
}

std::vector<SentinelView> Ensemble::sentinels() {
    std::vector<Endpoint> endpoints;
    for (int i = 0; i < kSize; ++i) endpoints.push_back(sentinel(i));
    return run(io_, observe_sentinels(endpoints, kName, credentials(), Deadline::after(2s)));
}

int Ensemble::master() {
    const auto views = nodes();
    const Consensus consensus = consensus_of(sentinels());
    if (!consensus.master || consensus.agreeing != consensus.reachable) return -1;
    int found = -1;
    for (int i = 0; i < kSize; ++i) {
        const NodeView& view = views[static_cast<std::size_t>(i)];
        const bool is_named = node(i) == *consensus.master;
        if (is_named != (view.role == NodeRole::Master)) return -1;
        if (is_named) found = i;
        if (view.role == NodeRole::Replica && (!view.link_up || view.master != *consensus.master)) {
            return -1;
        }
        if (view.role == NodeRole::Unreachable &&
            node_processes_[static_cast<std::size_t>(i)]->is_running()) {
            return -1;
        }
    }
    return found;
}

void Ensemble::make_electable() {
    const auto views = nodes();
    std::vector<RoutedPod> pods;
    for (int i = 0; i < kSize; ++i)
        pods.push_back({fmt::format("node-{}", i), node(i), "127.0.0.1"});
    for (const NodeView& view : views) {
        if (view.role != NodeRole::Master) continue;
        for (const Endpoint& replica : to_make_electable(view, views, pods)) {
            const redis::Command raise{"CONFIG", "SET", "replica-priority", "100"};
            (void)run(io_, ask_one(replica, credentials(), raise, Deadline::after(2s)));
        }
    }
}

int Ensemble::wait_until_safe() {
    const auto is_known = [](const SentinelView& view) {
        return std::ranges::count_if(view.replicas, [](const KnownReplica& replica) {
                   return replica.healthy && replica.priority > 0;
               }) == kSize - 1;
    };
    int found = -1;
    // Both at once: the master may move while the Sentinels learn of the replicas.
    const auto is_safe = [&] {
        found = master();
        make_electable();
        return found >= 0 && std::ranges::all_of(sentinels(), is_known);
    };
    if (!wait_until(is_safe)) throw std::runtime_error("Sentinels do not know all replicas");
    return found;
}

bool Ensemble::wait_until(const std::function<bool()>& holds) {
    for (const auto until = Deadline::after(40s); !until.has_passed();) {
        if (holds()) return true;
        wait(100ms);
    }
    return false;
}

int Ensemble::wait_for_master() {
    int found = -1;
    const auto has_master = [&] { return (found = master()) >= 0; };
    EXPECT_TRUE(wait_until(has_master)) << "no master that all follow";
    if (found < 0) throw std::runtime_error("no master that all follow");
    return found;
}

redis::Reply Ensemble::ask(int index, redis::Command command) {
    return run(io_, ask_one(node(index), credentials(), std::move(command), Deadline::after(2s)));
}

void Ensemble::set(int index, const std::string& key, const std::string& value) {
    const redis::Command command{"SET", key, value};
    (void)ask(index, command);
}

std::string Ensemble::get(int index, const std::string& key) {
    const redis::Command command{"GET", key};
    const auto reply = ask(index, command);
    return std::string(reply.optional_text().value_or(""));
}

}  // namespace chatflow::test
