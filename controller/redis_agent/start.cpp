#include "controller/redis_agent/start.hpp"

#include "controller/clients/redis/observe.hpp"
#include "controller/redis_agent/config_files.hpp"
#include "controller/redis_agent/resolve.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <unistd.h>

namespace chatflow::redis_agent {
namespace {

using namespace redis_topology;
using namespace std::chrono_literals;

constexpr auto kBetweenLooks = 250ms;
constexpr auto kLookTimeout = 1000ms;

/// The nodes that may be master, and those that the Sentinels name, apart from this one. Sentinels
/// learn of a new replica only every 10 s.
std::vector<Endpoint> other_nodes(const std::vector<SentinelView>& views,
                                  std::vector<Endpoint> nodes, const Endpoint& self) {
    std::set<Endpoint> named(nodes.begin(), nodes.end());
    for (const SentinelView& view : views) {
        if (view.master) named.insert(*view.master);
        for (const KnownReplica& replica : view.replicas) named.insert(replica.endpoint);
    }
    named.erase(self);
    return {named.begin(), named.end()};
}

}  // namespace

awaitable<Admission> pass_gate(Options options, Credentials credentials, Clock& clock, Log log) {
    const auto began = clock.steady_now();
    std::string told;
    for (;;) {
        const auto self = resolve(options.self);
        const auto deadline = Deadline::after(kLookTimeout);
        const AgentSettings settings = read_settings(options);
        GateInput input{.has_data = has_data(options.folder),
                        .sentinels = static_cast<int>(settings.sentinels.size()),
                        .down_after = settings.down_after};
        input.views = co_await observe_sentinels(resolve(settings.sentinels), options.name,
                                                 credentials, deadline);
        if (self) {
            input.self = *self;
            auto others = other_nodes(input.views, resolve(options.nodes), *self);
            input.nodes = co_await observe_nodes(std::move(others), credentials, deadline);
        }
        input.waited =
            std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - began);
        GateDecision decision = decide_start(input);
        if (!self) decision = {.reason = options.self.host + " has no address yet"};
        if (decision.reason != told) {
            told = decision.reason;
            log.info(decision.start == Start::Wait ? "Waiting to start" : "Starting",
                     {{"reason", told}, {"hasData", input.has_data}});
        }
        if (decision.start != Start::Wait) co_return Admission{*self, std::move(decision)};
        co_await clock.sleep_for(kBetweenLooks);
    }
}

void start_node(const Options& options, const Log& log) {
    asio::io_context loop;
    SystemClock clock;
    const Credentials credentials = credentials_of(options);
    std::optional<Admission> admission;
    std::exception_ptr failure;
    asio::co_spawn(loop, pass_gate(options, credentials, clock, log),
                   [&](const std::exception_ptr& error, Admission passed) {
                       failure = error;
                       admission = std::move(passed);
                   });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    become_server(options,
                  redis_conf(options, admission->self, admission->decision, credentials.password));
}

void become_server(const Options& options, const std::string& conf) {
    const auto file = std::filesystem::path(options.run_folder) / "redis.conf";
    write_secret_file(file, conf);
    become(options, {file.string()});
}

void become(const Options& options, const std::vector<std::string>& arguments) {
    const std::string& program = options.server;
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    if (std::filesystem::exists(options.preload)) {
        setenv("LD_PRELOAD", options.preload.c_str(), 1);
    }
    execv(program.c_str(), argv.data());
    throw std::system_error(errno, std::generic_category(), program);
}

}  // namespace chatflow::redis_agent
