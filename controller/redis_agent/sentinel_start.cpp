#include "controller/redis_agent/sentinel_start.hpp"

#include "controller/clients/redis/observe.hpp"
#include "controller/domain/redis/sentinel_memory.hpp"
#include "controller/redis_agent/config_files.hpp"
#include "controller/redis_agent/resolve.hpp"
#include "controller/redis_agent/start.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace chatflow::redis_agent {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr auto kBetweenLooks = 250ms;
constexpr auto kLookTimeout = 1000ms;
// So long somebody may say who is master before the topology is taken for new.
constexpr auto kSearchTime = 3s;
constexpr auto kNamesTime = 10s;  // for DNS, at a start after the first

Endpoint own_address(const Options& options, const Log& log) {
    for (bool told = false;;) {
        if (auto self = resolve(options.self)) return *self;
        if (!told) log.info("Waiting for an address", {{"host", options.self.host}});
        told = true;
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

/// All other servers of the topology by name: one's own leads to the pod. One that was there at the
/// last start is waited for: its name may take a moment to be known.
Addresses look_up(const Options& options, const AgentSettings& settings, const Addresses& before) {
    const auto until = std::chrono::steady_clock::now() + kNamesTime;
    const std::string own = options.self.host.substr(0, options.self.host.find('.'));
    for (;;) {
        Addresses now;
        for (const auto* places : {&options.nodes, &settings.sentinels}) {
            for (const Place& place : *places) {
                if (place.host == own) continue;
                if (const auto found = resolve(place)) now[place.host] = found->host;
            }
        }
        const bool is_complete = std::ranges::all_of(
            before, [&now](const auto& known) { return now.contains(known.first); });
        if (is_complete || std::chrono::steady_clock::now() > until) return now;
        std::this_thread::sleep_for(kBetweenLooks);
    }
}

/// The Sentinel's memory with the present addresses, which are kept for the next start; empty when
/// there is none that is of use.
std::string memory_of(const Options& options, const AgentSettings& settings, const Log& log) {
    const fs::path file = fs::path(options.folder) / "sentinel.conf";
    const fs::path names = fs::path(options.folder) / "addresses";
    const Addresses before = fs::exists(names) ? addresses_from(read_file(names)) : Addresses{};
    Addresses now = look_up(options, settings, before);
    const std::string kept = fs::exists(file) ? read_file(file) : "";
    std::string memory = with_present_addresses(kept, before, now);
    if (memory != kept) {
        log.info("Servers have other addresses than at the last start",
                 {{"before", to_text(before)}});
        write_secret_file(file, memory);
    }
    now.insert(before.begin(), before.end());
    write_secret_file(names, to_text(now));
    return memory;
}

/// What data nodes say: one that is master, else the one that a replica follows.
std::optional<Endpoint> master_of(const std::vector<NodeView>& nodes) {
    for (const NodeView& node : nodes) {
        if (node.role == NodeRole::Master && !node.followers.empty()) return node.endpoint;
    }
    for (const NodeView& node : nodes) {
        if (node.role == NodeRole::Replica && node.link_up) return node.master;
    }
    for (const NodeView& node : nodes) {
        if (node.role == NodeRole::Master) return node.endpoint;
    }
    return std::nullopt;
}

}  // namespace

awaitable<Endpoint> find_first_master(Options options, AgentSettings settings,
                                      Credentials credentials, Clock& clock, Log log) {
    const auto began = clock.steady_now();
    for (;;) {
        const auto deadline = Deadline::after(kLookTimeout);
        const auto views = co_await observe_sentinels(resolve(settings.sentinels), options.name,
                                                      credentials, deadline);
        const Consensus consensus = consensus_of(views);
        if (consensus.master) {
            log.info("Peers name the master", {{"master", to_string(*consensus.master)}});
            co_return *consensus.master;
        }
        const auto nodes = co_await observe_nodes(resolve(options.nodes), credentials, deadline);
        if (const auto master = master_of(nodes)) {
            log.info("Nodes name the master", {{"master", to_string(*master)}});
            co_return *master;
        }
        const auto first = resolve(options.nodes.front());
        if (first && clock.steady_now() - began > kSearchTime) {
            log.info("The topology is new", {{"master", to_string(*first)}});
            co_return *first;
        }
        co_await clock.sleep_for(kBetweenLooks);
    }
}

void start_sentinel(const Options& options, const Log& log) {
    const Credentials credentials = credentials_of(options);
    const std::string& password = credentials.password;
    const auto file = fs::path(options.folder) / "sentinel.conf";
    const Endpoint self = own_address(options, log);
    const AgentSettings settings = read_settings(options);
    if (const std::string memory = memory_of(options, settings, log); !memory.empty()) {
        write_secret_file(file, kept_sentinel_conf(memory, options, self, password));
        become(options, {file.string(), "--sentinel"});
    }
    asio::io_context loop;
    SystemClock clock;
    std::optional<Endpoint> master;
    std::exception_ptr failure;
    asio::co_spawn(loop, find_first_master(options, settings, credentials, clock, log),
                   [&](const std::exception_ptr& error, Endpoint found) {
                       failure = error;
                       master = std::move(found);
                   });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    write_secret_file(file, new_sentinel_conf(options, settings, self, *master, password));
    become(options, {file.string(), "--sentinel"});
}

}  // namespace chatflow::redis_agent
