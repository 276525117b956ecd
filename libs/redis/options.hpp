#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::redis {

/// TLS to the server. The server's certificate is always checked.
struct TlsOptions {
    bool enabled = false;
    std::string ca_file;           // PEM, read for each connection; empty: the system's authorities
    std::string authorities;       // PEM; instead of a file
    std::string certificate_file;  // PEM; empty: no client certificate
    std::string key_file;
    std::string server_name;  // empty: Options::host
};

struct Address {
    std::string host;
    std::uint16_t port = 0;

    bool operator==(const Address&) const = default;
};

/// How the server that takes our commands is found.
enum class Discovery {
    Direct,    // it is at host and port
    Sentinel,  // it is the master of a set; Sentinels at `seeds` know which server that is
    Cluster    // each key has its own; nodes at `seeds` know the map
};

/// Where a Redis is and how it is talked to. As one text: see url.hpp.
struct Options {
    Discovery discovery = Discovery::Direct;
    std::string host = "localhost";
    std::uint16_t port = 6379;
    std::vector<Address> seeds;     // of Sentinel and Cluster; asked in turn
    std::string master_name;        // of Sentinel
    std::string sentinel_username;  // Sentinels have their own passwords; empty: none
    std::string sentinel_password;
    std::string username;  // empty: AUTH with the password alone
    std::string password;  // empty: no AUTH
    std::uint32_t database = 0;
    std::string client_name = "chatflow";  // as CLIENT LIST shows it; without spaces
    TlsOptions tls;

    std::chrono::milliseconds connect_timeout{2000};  // name look-up to last handshake reply
    std::chrono::milliseconds backoff_min{50};        // doubled after each failure, with jitter
    std::chrono::milliseconds backoff_max{2000};
    std::chrono::milliseconds ping_interval{5000};  // notices a peer that fell silent while idle
    std::chrono::milliseconds silence_max{1000};    // calls wait and no byte came: reconnect

    std::size_t in_flight_max = 10'000;         // calls; one more is refused with Overloaded
    std::size_t unsent_bytes_max = 16U << 20U;  // likewise
    std::size_t reply_bytes_max = 16U << 20U;   // a longer reply ends the connection

    /// The same for one server whose address is known.
    [[nodiscard]] Options directly_at(const Address& address) const {
        Options direct = *this;
        direct.discovery = Discovery::Direct;
        direct.host = address.host;
        direct.port = address.port;
        return direct;
    }
};

}  // namespace chatflow::redis
