#pragma once

#include "controller/api/patroni_cluster.hpp"
#include "controller/clients/http_transport.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/base/deadline.hpp"

#include <functional>
#include <memory>
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
    std::string base_url;  // "http://10.244.1.7:8008"
    std::string password;
};

using TransportFactory =
    std::function<std::unique_ptr<clients::HttpTransport>(clients::HttpEndpoint)>;

/// Every call throws TransportError, DeadlineExceeded or Refused. Owned by one event loop.
class Client {
 public:
    explicit Client(TransportFactory make_transport) : make_transport_(std::move(make_transport)) {}

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

    TransportFactory make_transport_;
};

}  // namespace chatflow::patroni
