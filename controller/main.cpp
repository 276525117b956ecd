// chatflow-controller: watches resources and metrics, decides, acts. Start reading at run().
#include "controller/cluster_connection.hpp"
#include "controller/options.hpp"
#include "controller/postgres_part.hpp"
#include "controller/prometheus_connection.hpp"
#include "controller/redis_part.hpp"
#include "controller/runtime/request_metrics.hpp"
#include "controller/scaling_part.hpp"
#include "libs/base/heap.hpp"
#include "libs/base/version.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>
#include <random>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace {

using namespace chatflow;

void export_version(prometheus::Registry& registry) {
    prometheus::BuildGauge()
        .Name("chatflow_build_info")
        .Help("1, with the version of the controller.")
        .Register(registry)
        .Add({{"version", std::string(version())}})
        .Set(1);
}

runtime::ManagerOptions manager_options(const ControllerOptions& options) {
    return {.health_address = options.health_address.host,
            .health_port = options.health_address.port,
            .metrics_address = options.metrics_address.host,
            .metrics_port = options.metrics_address.port};
}

/// A container that starts again in the same pod is another process, and no leader.
std::string unique_identity(const ControllerOptions& options) {
    std::random_device random;
    return fmt::format("{}_{:08x}", options.identity, random());
}

std::string lease_namespace(const ControllerOptions& options, const kube::ClusterAccess& access) {
    return options.leader_election_namespace.empty() ? access.name_space
                                                     : options.leader_election_namespace;
}

/// Runs the manager on this thread until it has stopped; throws why it had to.
void run(asio::io_context& loop, runtime::Manager& manager) {
    std::exception_ptr failure;
    asio::co_spawn(loop, manager.run(), [&](const std::exception_ptr& error) {
        failure = error;
        loop.stop();
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

void run(const ControllerOptions& options, const kube::ClusterAccess& access) {
    const Log log("chatflow-controller", options.log_level);
    log.info("Starting", {{"version", version()},
                          {"cluster", access.server},
                          {"prometheus", options.prometheus_url},
                          {"identity", options.identity}});
    asio::io_context loop;
    const auto executor = loop.get_executor();
    SystemClock clock;
    BlockingPool files(1, 64);

    prometheus::Registry registry;
    export_version(registry);
    runtime::RuntimeMetrics metrics(registry);
    runtime::RequestMetrics requests(registry);
    ScalingMetrics scaling_metrics(registry);

    ClusterConnection cluster(access, clock, files, requests);
    PrometheusConnection prometheus(executor, options, clock, files, [&](auto time, auto failed) {
        scaling_metrics.queried(time, failed);
    });
    runtime::EventRecorder events(executor, cluster.client(), clock, log, metrics,
                                  {.instance = options.identity});
    ScalingPart scaling({.executor = executor,
                         .clock = clock,
                         .log = log,
                         .kube = cluster.client(),
                         .prometheus = prometheus.client(),
                         .events = events,
                         .metrics = metrics,
                         .exported = scaling_metrics},
                        options);
    PostgresPart postgres({.executor = executor,
                           .clock = clock,
                           .log = log,
                           .kube = cluster.client(),
                           .events = events,
                           .metrics = metrics,
                           .registry = registry},
                          options);
    RedisPart redis({.executor = executor,
                     .clock = clock,
                     .log = log,
                     .kube = cluster.client(),
                     .events = events,
                     .metrics = metrics,
                     .registry = registry},
                    options);
    runtime::LeaderElector elector(cluster.client(), clock, log, metrics,
                                   {.name = options.leader_election_id,
                                    .name_space = lease_namespace(options, access),
                                    .identity = unique_identity(options)});

    runtime::Manager manager(executor, clock, log, registry, manager_options(options));
    manager.add_service("events", [&] { return events.run(); });
    manager.at_stop("events", [&](Deadline deadline) { return events.flush(deadline); });
    scaling.add_to(manager);
    postgres.add_to(manager);
    redis.add_to(manager);
    if (options.leader_election) manager.use_leader_election(elector);
    run(loop, manager);
}

}  // namespace

int main(int argc, char** argv) {
    map_large_blocks();
    const auto options = parse_controller_options(argc, argv);
    if (!options) return options.error();
    const auto access = find_cluster(*options);
    if (!access) {
        std::cerr << "chatflow-controller: no cluster to watch: " << to_string(access.error())
                  << '\n';
        return EXIT_FAILURE;
    }
    try {
        run(*options, *access);
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::cerr << "chatflow-controller: " << error.what() << '\n';
        return EXIT_FAILURE;
    }
}
