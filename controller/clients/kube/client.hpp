#pragma once

#include "controller/clients/http_transport.hpp"
#include "controller/clients/kube/api_error.hpp"
#include "controller/clients/kube/credential_source.hpp"
#include "controller/clients/kube/options.hpp"
#include "controller/clients/kube/request_observer.hpp"
#include "controller/clients/kube/resource.hpp"
#include "controller/clients/kube/watch_options.hpp"
#include "controller/clients/kube/watch_stream.hpp"
#include "libs/async/clock.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::kube {

/// Takes the items of a list, page by page.
struct ListSink {
    std::function<void(nlohmann::json& object)> item;
    std::function<void()> restart;  // the list expired half-way: forget the items so far
};

/// Talks JSON with the API server; Api<K> puts types on top. Every call may throw ApiError (the
/// server refused), clients::TransportError (no answer) or DeadlineExceeded. A refusal that says
/// when to come back (429, 503) is obeyed, at most kRetriesMax times and while the deadline
/// allows; nothing else is retried here. Owned by one event loop; what it refers to outlives it.
class Client {
 public:
    Client(clients::HttpTransport& transport, CredentialSource& credentials, Clock& clock,
           RequestObserver* observer = nullptr);

    /// Nothing when there is no such object.
    [[nodiscard]] awaitable<std::optional<nlohmann::json>> get(Resource resource,
                                                               Deadline deadline);

    /// Reads a collection, one consistent state of it; returns its resource version.
    [[nodiscard]] awaitable<std::string> list(Resource resource, Selection selection, ListSink sink,
                                              Deadline deadline);

    [[nodiscard]] awaitable<WatchStream> watch(Resource resource, WatchOptions options);

    [[nodiscard]] awaitable<nlohmann::json> create(Resource resource, nlohmann::json object,
                                                   WriteOptions options, Deadline deadline);

    /// Replaces the object; its metadata.resourceVersion makes that conditional (409 Conflict).
    [[nodiscard]] awaitable<nlohmann::json> update(Resource resource, nlohmann::json object,
                                                   WriteOptions options, Deadline deadline);

    /// Server-side apply: creates the object when it is not there. A field that another manager
    /// holds is 409 Conflict with causes, unless forced.
    [[nodiscard]] awaitable<nlohmann::json> apply(Resource resource, nlohmann::json object,
                                                  ApplyOptions options, Deadline deadline);

    /// The same where nobody looks at the object that comes of it.
    [[nodiscard]] awaitable<void> apply_unseen(Resource resource, nlohmann::json object,
                                               ApplyOptions options, Deadline deadline);

    [[nodiscard]] awaitable<nlohmann::json> merge_patch(Resource resource, nlohmann::json patch,
                                                        WriteOptions options, Deadline deadline);

    /// False when there was nothing to delete.
    [[nodiscard]] awaitable<bool> remove(Resource resource, DeleteOptions options,
                                         Deadline deadline);

    /// GET of any path, for instance "/version" or "/apis/metrics.k8s.io/v1beta1/nodes".
    [[nodiscard]] awaitable<nlohmann::json> raw_get(std::string target, Deadline deadline);

    /// The same for an answer that is not JSON, for instance a node's metrics.
    [[nodiscard]] awaitable<std::string> raw_text(std::string target, Deadline deadline);

    static constexpr int kPageItems = 500;
    static constexpr int kRetriesMax = 5;
    static constexpr int kListRestartsMax = 3;

 private:
    [[nodiscard]] awaitable<clients::HttpResponse> send(clients::HttpRequest request,
                                                        Deadline deadline);
    [[nodiscard]] awaitable<clients::HttpResponse> send_once(clients::HttpRequest request,
                                                             Deadline deadline);
    [[nodiscard]] awaitable<nlohmann::json> send_for_json(clients::HttpRequest request,
                                                          Deadline deadline);
    [[nodiscard]] awaitable<void> authorize(clients::HttpRequest& request, Deadline deadline);
    void observe(std::string_view method, std::string_view code, Deadline::Clock::time_point since);

    clients::HttpTransport& transport_;
    CredentialSource& credentials_;
    Clock& clock_;
    RequestObserver* observer_;
};

}  // namespace chatflow::kube
