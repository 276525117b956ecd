#pragma once

#include "controller/clients/kube/client.hpp"
#include "controller/domain/redis/names.hpp"
#include "controller/domain/redis/route.hpp"

#include <string>
#include <vector>

namespace chatflow::redis_topology {

/// One EndpointSlice as it was read: written back only if nobody has written it since.
struct StoredRoute {
    Route route;
    std::string object;  // JSON
};

/// The addresses of one topology in the API server. Every call may throw what kube::Client throws.
class Routes {
 public:
    Routes(kube::Client& client, std::string name_space, std::string topology)
        : client_(client), name_space_(std::move(name_space)), topology_(std::move(topology)) {}

    /// "rw" or "ro". An object that is not there is an empty route without an object.
    [[nodiscard]] awaitable<StoredRoute> read(std::string part, Deadline deadline);

    /// False when somebody was faster: read again and decide anew.
    [[nodiscard]] awaitable<bool> write(StoredRoute stored, Route route, Deadline deadline);

    /// The data nodes that have a Service of their own, with the pods behind them.
    [[nodiscard]] awaitable<std::vector<RoutedPod>> pods(Deadline deadline);

 private:
    kube::Client& client_;
    std::string name_space_;
    std::string topology_;
};

}  // namespace chatflow::redis_topology
