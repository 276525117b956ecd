// Load on a gateway. One JSON line per run.
//   realtime_load fanout PORT ROOMS MEMBERS SAYS_PER_SECOND SECONDS [pid=SERVER] [stalled] [TOKENS]
//       with a file of tokens, one a line, the platform is spoken to, without the echo application
//   realtime_load idle PORT CONNECTIONS SERVER_PID
#include "tests/bench/realtime/load.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

namespace {

using namespace chatflow::bench;

// Of the process' own memory, without what the kernel keeps for its sockets.
long resident_kib(const std::string& pid) {
    std::ifstream status("/proc/" + pid + "/status");
    std::string word;
    while (status >> word) {
        if (word != "RssAnon:") continue;
        long kib = 0;
        status >> kib;
        return kib;
    }
    return 0;
}

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

int measure_fanout(const std::vector<std::string>& arguments) {
    LoadOptions options{.port = static_cast<std::uint16_t>(std::stoi(arguments[2])),
                        .rooms = std::stoul(arguments[3]),
                        .members = std::stoul(arguments[4]),
                        .says_per_second = std::stod(arguments[5]),
                        .seconds = std::stod(arguments[6])};
    for (std::size_t i = 7; i < arguments.size(); ++i) {
        if (arguments[i] == "stalled") {
            options.has_stalled_reader = true;
        } else if (arguments[i].starts_with("pid=")) {
            options.server_pid = arguments[i].substr(4);
        } else {
            options.tokens = lines_of(arguments[i]);
        }
    }
    const LoadResult result = run_load(options);
    std::printf(
        "{\"rooms\":%zu,\"members\":%zu,\"delivered\":%llu,\"expected\":%llu,"
        "\"seconds\":%.2f,\"per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.1f,"
        "\"missed\":%llu,\"violations\":%llu,\"server_cpu_seconds\":%.2f}\n",
        options.rooms, options.members, static_cast<unsigned long long>(result.delivered),
        static_cast<unsigned long long>(result.expected), result.seconds,
        static_cast<double>(result.delivered) / result.seconds, result.p50_ms, result.p99_ms,
        result.max_ms, static_cast<unsigned long long>(result.missed),
        static_cast<unsigned long long>(result.violations), result.server_cpu_seconds);
    return result.violations == 0 && result.delivered == result.expected ? 0 : 1;
}

int measure_idle(const std::vector<std::string>& arguments) {
    const std::size_t count = std::stoul(arguments[3]);
    const long before = resident_kib(arguments[4]);
    const IdleConnections connections("127.0.0.1",
                                      static_cast<std::uint16_t>(std::stoi(arguments[2])), count);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const long after = resident_kib(arguments[4]);
    std::printf(
        "{\"connections\":%zu,\"before_kib\":%ld,\"after_kib\":%ld,"
        "\"bytes_per_connection\":%.0f}\n",
        count, before, after,
        static_cast<double>(after - before) * 1024 / static_cast<double>(count));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    const std::vector<std::string> arguments(argv, argv + argc);
    try {
        if (argc >= 7 && argc <= 10 && arguments[1] == "fanout") return measure_fanout(arguments);
        if (argc == 5 && arguments[1] == "idle") return measure_idle(arguments);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "realtime_load: %s\n", error.what());
        return 1;
    }
    std::fprintf(stderr,
                 "realtime_load fanout PORT ROOMS MEMBERS SAYS_PER_SECOND SECONDS [pid=SERVER] "
                 "[stalled] [TOKENS]\n"
                 "realtime_load idle PORT CONNECTIONS SERVER_PID\n");
    return 2;
}
