#pragma once

#include "controller/clients/sql/client.hpp"
#include "controller/domain/postgres/pooler.hpp"
#include "controller/domain/postgres/pooler_view.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace chatflow::pooler {

/// One pod of a pooler.
struct Pod {
    std::string name;
    std::string ip;
    std::string console_password;
    std::string authorities{};  // PEM; empty: it speaks no TLS
    std::string server_name{};  // that its certificate has to be good for
    std::uint16_t console_port = postgres::kPoolerPort;
    std::uint16_t state_port = postgres::kProxyStatePort;
};

class Client {
 public:
    explicit Client(sql::Client& sql) : sql_(sql) {}

    /// SHOW STATE and SHOW POOLS. Throws sql::Error.
    [[nodiscard]] awaitable<postgres::PoolerAnswer> ask(Pod pod, Deadline deadline);

    /// Holds new transactions; returns when those under way have ended. Throws sql::Error, also at
    /// the deadline: the pod holds new transactions even so.
    [[nodiscard]] awaitable<void> pause(Pod pod, Deadline deadline);
    /// Also of a pod that is not paused. Throws sql::Error.
    [[nodiscard]] awaitable<void> resume(Pod pod, Deadline deadline);

    /// Reads its settings and certificates again; nobody is cut off. Throws sql::Error.
    [[nodiscard]] awaitable<void> reload(Pod pod, Deadline deadline);
    /// As sql::Client has it. Throws sql::Error.
    [[nodiscard]] awaitable<std::string> shown_certificate(Pod pod, Deadline deadline);

    /// The servers that the pod's proxy takes for the primary. Throws TransportError or
    /// DeadlineExceeded.
    [[nodiscard]] awaitable<std::vector<std::string>> leads_to(Pod pod, Deadline deadline);

 private:
    [[nodiscard]] static sql::Server console_of(const Pod& pod);

    sql::Client& sql_;
};

}  // namespace chatflow::pooler
