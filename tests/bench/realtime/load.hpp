#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::bench {

struct LoadOptions {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    std::size_t rooms = 200;
    std::size_t members = 10;         // of each room
    double says_per_second = 15'000;  // over all rooms; each reaches all members
    double seconds = 10;
    std::size_t bytes = 256;  // of a message's text
    /// Of the platform's users, taken in turn; without, the echo application is spoken to.
    std::vector<std::string> tokens = {};
    std::string server_pid = {};      // whose CPU time is measured; empty: nobody's
    bool has_stalled_reader = false;  // one more in the first room, who never reads
};

struct LoadResult {
    std::uint64_t said = 0;
    std::uint64_t expected = 0;
    std::uint64_t delivered = 0;
    std::uint64_t missed = 0;      // numbers that were left out
    std::uint64_t violations = 0;  // out of order, or a second time
    double seconds = 0;            // until the last delivery
    double p50_ms = 0;
    double p99_ms = 0;
    double max_ms = 0;
    double server_cpu_seconds = 0;  // from the first message on
};

/// Opens rooms × members Socket.IO connections by WebSocket, lets one member of each room speak,
/// and checks at every member that messages come in order and how late.
/// Throws std::system_error.
[[nodiscard]] LoadResult run_load(const LoadOptions& options);

/// Opens so many connections and holds them until this object goes.
class IdleConnections {
 public:
    IdleConnections(const std::string& host, std::uint16_t port, std::size_t count);
    IdleConnections(const IdleConnections&) = delete;
    IdleConnections& operator=(const IdleConnections&) = delete;
    ~IdleConnections();

 private:
    std::vector<int> descriptors_;
};

}  // namespace chatflow::bench
