#pragma once

#include "controller/clients/http_transport.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/cluster_access.hpp"
#include "controller/clients/kube/configured_credentials.hpp"
#include "libs/async/blocking_pool.hpp"
#include "libs/async/clock.hpp"
#include "tests/support/run.hpp"

#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

namespace chatflow::test {

/// An event loop with a client on it, and what tests do with both.
class KubeSession {
 public:
    explicit KubeSession(const kube::ClusterAccess& access,
                         kube::RequestObserver* observer = nullptr);

    [[nodiscard]] asio::io_context& io() { return io_; }
    [[nodiscard]] kube::Client& client() { return client_; }
    [[nodiscard]] Clock& clock() { return clock_; }
    [[nodiscard]] clients::HttpTransport& transport() { return *transport_; }
    [[nodiscard]] kube::CredentialSource& credentials() { return credentials_; }

    template <class T>
    T run(awaitable<T> task) {
        return test::run(io_, std::move(task));
    }

    /// Makes a namespace with a name of its own; returns the name.
    std::string make_namespace();

    /// Creates or updates every document of a YAML text, and waits until CustomResourceDefinitions
    /// among them are served.
    void apply_yaml(std::string_view text);
    /// The same with our own kind of that plural, as crds/ has it.
    void apply_crd(std::string_view plural);

 private:
    asio::io_context io_;
    SystemClock clock_;
    BlockingPool pool_{1, 16};
    std::unique_ptr<clients::HttpTransport> transport_;
    kube::ConfiguredCredentials credentials_;
    kube::Client client_;
};

}  // namespace chatflow::test
