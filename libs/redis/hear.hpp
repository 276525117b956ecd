#pragma once

#include "libs/async/awaitable.hpp"
#include "libs/redis/reply.hpp"

#include <chrono>
#include <functional>

namespace chatflow::redis {

class Connection;

/// What a server sends by itself: the messages of SUBSCRIBE, or pushes of RESP3. Pongs among them.
using OnEvent = std::function<void(const Reply&)>;

/// Reads events until `goes_on` says no, which is asked before each. A server that was silent for
/// `patience` is sent a PING and has as long to say anything; then redis::Timeout, as for every
/// connection that cannot be trusted any more. One executor, that of the connection.
[[nodiscard]] awaitable<void> hear(Connection& connection, std::chrono::milliseconds patience,
                                   OnEvent on_event, std::function<bool()> goes_on);

}  // namespace chatflow::redis
