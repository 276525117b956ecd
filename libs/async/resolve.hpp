#pragma once

#include "libs/async/awaitable.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace chatflow {

/// Blocks until it knows; throws boost::system::system_error. Called in a thread of its own.
using Lookup = std::function<std::vector<asio::ip::address>(const std::string& host)>;

/// getaddrinfo().
[[nodiscard]] std::vector<asio::ip::address> look_up(const std::string& host);

/// So many look-ups hang at most; a further one fails with "Host not found (non-authoritative)".
inline constexpr int kLookupsMax = 16;

/// Where a host listens, at least one place; a number needs no look-up. Throws
/// boost::system::system_error. Unlike Asio's resolver, which has one thread for all look-ups and
/// is waited for at the end of the program, one that hangs delays nobody: cancellation, and with it
/// with_deadline(), ends the wait at once.
[[nodiscard]] awaitable<std::vector<asio::ip::tcp::endpoint>> resolve(std::string host,
                                                                      std::uint16_t port,
                                                                      Lookup lookup = look_up);

}  // namespace chatflow
