#include "libs/redis/hear.hpp"

#include "libs/redis/connection.hpp"
#include "libs/redis/errors.hpp"

#include <utility>

namespace chatflow::redis {

awaitable<void> hear(Connection& connection, std::chrono::milliseconds patience, OnEvent on_event,
                     std::function<bool()> goes_on) {
    for (bool is_ping_out = false; goes_on();) {
        bool is_silent = false;
        try {
            const Reply event = co_await connection.read(Deadline::after(patience));
            is_ping_out = false;
            on_event(event);
        } catch (const Timeout&) {
            if (is_ping_out) throw;
            is_silent = true;
        }
        if (is_silent) {
            Command ping{"PING"};
            co_await connection.send(std::move(ping), Deadline::after(patience));
            is_ping_out = true;
        }
    }
}

}  // namespace chatflow::redis
