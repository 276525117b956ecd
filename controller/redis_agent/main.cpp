// chatflow-redis: starts the servers of a RedisTopology and keeps its addresses.
#include "controller/redis_agent/backup.hpp"
#include "controller/redis_agent/cluster_node.hpp"
#include "controller/redis_agent/hand_over.hpp"
#include "controller/redis_agent/options.hpp"
#include "controller/redis_agent/router.hpp"
#include "controller/redis_agent/sentinel_start.hpp"
#include "controller/redis_agent/start.hpp"

#include <cstdlib>
#include <exception>

int main(int argc, char** argv) {
    using namespace chatflow;
    const auto options = redis_agent::parse_options(argc, argv);
    if (!options) return options.error();
    const Log log("chatflow-redis");
    try {
        switch (options->command) {
            case redis_agent::Command::Start:
                options->cluster ? redis_agent::start_cluster_node(*options, log)
                                 : redis_agent::start_node(*options, log);
                break;
            case redis_agent::Command::Sentinel:
                redis_agent::start_sentinel(*options, log);
                break;
            case redis_agent::Command::Route:
                redis_agent::run_router(*options, log);
                break;
            case redis_agent::Command::HandOver:
                options->cluster ? redis_agent::hand_over_in_cluster(*options, log)
                                 : redis_agent::hand_over_before_stop(*options, log);
                break;
            case redis_agent::Command::Backup:
                redis_agent::back_up(*options, log);
                break;
            case redis_agent::Command::Restore:
                redis_agent::restore(*options, log);
                break;
        }
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        log.error("Cannot go on", {{"error", error.what()}});
        return EXIT_FAILURE;
    }
}
