#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace chatflow::postgres {

/// Where a PostgreSQL is and how many connections, for how long, are kept to it.
struct Options {
    std::string host = "localhost";
    std::uint16_t port = 5432;
    std::string database = "chatflow";
    std::string user = "chatflow";
    std::string password;
    std::string password_file;        // read at each connect, so that it may be rotated
    std::string ssl_mode = "prefer";  // as libpq's sslmode
    std::string application_name = "chatflow";

    std::size_t pool_size = 20;
    std::size_t waiting_max = 5'000;  // calls; one more is refused with Overloaded
    std::chrono::seconds connect_timeout{3};
    std::chrono::milliseconds acquire_timeout{2000};    // for a free connection
    std::chrono::milliseconds statement_timeout{5000};  // set on the server
    std::chrono::milliseconds check_interval{2000};     // of a pool that had no success meanwhile
    std::chrono::milliseconds retry_interval{500};      // of connecting, while it fails
    std::chrono::minutes lifetime_max{30};  // then made anew, so that failovers spread again
};

/// The connection string for libpq. Throws std::runtime_error when the password file is unreadable.
[[nodiscard]] std::string connection_string(const Options& options);

}  // namespace chatflow::postgres
