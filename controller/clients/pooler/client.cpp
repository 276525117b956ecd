#include "controller/clients/pooler/client.hpp"

#include "controller/clients/patroni/exchange.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace chatflow::pooler {

namespace {

constexpr std::size_t kStateBytesMax = std::size_t{1} << 18;  // a server takes about 500 bytes

}  // namespace

awaitable<postgres::PoolerAnswer> Client::ask(Pod pod, Deadline deadline) {
    auto rows = co_await sql_.run(console_of(pod), {"SHOW STATE", "SHOW POOLS"}, deadline);
    co_return postgres::PoolerAnswer{.state = std::move(rows.at(0)),
                                     .pools = std::move(rows.at(1))};
}

awaitable<void> Client::pause(Pod pod, Deadline deadline) {
    co_await sql_.run(console_of(pod), {"PAUSE"}, deadline);
}

awaitable<void> Client::resume(Pod pod, Deadline deadline) {
    std::string refused;
    try {
        co_await sql_.run(console_of(pod), {"RESUME"}, deadline);
        co_return;
    } catch (const sql::Error& error) {
        refused = error.what();
    }
    // Of a pod that is not paused it is an error of the console.
    const auto rows = co_await sql_.run(console_of(pod), {"SHOW STATE"}, deadline);
    if (postgres::is_paused(rows.at(0))) throw sql::Error(refused);
}

awaitable<void> Client::reload(Pod pod, Deadline deadline) {
    co_await sql_.run(console_of(pod), {"RELOAD"}, deadline);
}

awaitable<std::string> Client::shown_certificate(Pod pod, Deadline deadline) {
    return sql_.shown_certificate(console_of(pod), deadline);
}

awaitable<std::vector<std::string>> Client::leads_to(Pod pod, Deadline deadline) {
    clients::HttpRequest request{
        .method = "GET", .target = "/state;csv", .response_bytes_max = kStateBytesMax};
    const auto answer = co_await patroni::exchange({.ip = pod.ip, .port = pod.state_port},
                                                   std::move(request), deadline);
    co_return postgres::servers_up(answer.body);
}

sql::Server Client::console_of(const Pod& pod) {
    return {.host = pod.ip,
            .port = pod.console_port,
            .user = postgres::kConsoleUser,
            .password = pod.console_password,
            .database = "pgbouncer",
            .authorities = pod.authorities,
            .server_name = pod.server_name};
}

}  // namespace chatflow::pooler
