#pragma once

#include "controller/api/patroni_cluster.hpp"
#include "controller/clients/patroni/exchange.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <stdexcept>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::patroni {

/// Patroni answered, but not with yes: its words, and its status.
struct Refused : std::runtime_error {
    Refused(int status_, const std::string& words) : std::runtime_error(words), status(status_) {}
    int status;
};

/// One member's REST API. The password is that of the user "chatflow"; reading needs none.
struct Member {
    Address address;
    std::string password;
};

/// Every call throws TransportError, DeadlineExceeded or Refused.
class Client {
 public:
    [[nodiscard]] awaitable<api::PatroniCluster> cluster(Member member, Deadline deadline);
    [[nodiscard]] awaitable<nlohmann::json> settings(Member member, Deadline deadline);
    [[nodiscard]] awaitable<void> patch_settings(Member member, nlohmann::json patch,
                                                 Deadline deadline);

    /// Returns when the new primary has been promoted. An empty candidate: Patroni chooses.
    [[nodiscard]] awaitable<void> switchover(Member member, std::string leader,
                                             std::string candidate, Deadline deadline);
    /// Of PostgreSQL under that member; returns when it runs again.
    [[nodiscard]] awaitable<void> restart(Member member, Deadline deadline);
    /// Removes the member's data and clones it anew; returns when that has begun.
    [[nodiscard]] awaitable<void> reinitialize(Member member, Deadline deadline);

 private:
    [[nodiscard]] awaitable<std::string> send(Member member, std::string method, std::string target,
                                              std::string body, Deadline deadline);
};

}  // namespace chatflow::patroni
