#pragma once

#include "controller/clients/http_transport.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/cluster_access.hpp"
#include "controller/clients/kube/configured_credentials.hpp"
#include "libs/async/awaitable.hpp"
#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"

#include <memory>
#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

namespace CLI {
class App;
}

namespace chatflow::cli {

/// --kubeconfig, --context and --namespace, with kubectl's meaning.
struct ClusterArguments {
    std::string kubeconfig;
    std::string context;
    std::string name_space;
};

void add_cluster_options(CLI::App& command, ClusterArguments& arguments);

/// What the arguments name: --kubeconfig or --context, else the pod's ServiceAccount, else
/// $KUBECONFIG, else ~/.kube/config. The namespace is the given one, else the context's. Throws
/// std::runtime_error with a sentence for the user.
[[nodiscard]] kube::ClusterAccess find_cluster(const ClusterArguments& arguments);

/// A client with an event loop of its own, for a program that does one thing after the other.
class ClusterSession {
 public:
    explicit ClusterSession(kube::ClusterAccess access);

    [[nodiscard]] kube::Client& client() { return client_; }
    [[nodiscard]] Clock& clock() { return clock_; }
    [[nodiscard]] const std::string& name_space() const { return access_.name_space; }

    /// Runs until the task is done; returns its result or throws what it threw.
    template <class T>
    T run(awaitable<T> task) {
        auto result = asio::co_spawn(io_, std::move(task), asio::use_future);
        io_.restart();
        io_.run();
        return result.get();
    }

 private:
    kube::ClusterAccess access_;
    asio::io_context io_;
    SystemClock clock_;
    BlockingPool files_{1, 16};
    std::unique_ptr<clients::HttpTransport> transport_;
    kube::ConfiguredCredentials credentials_;
    kube::Client client_;
};

}  // namespace chatflow::cli
