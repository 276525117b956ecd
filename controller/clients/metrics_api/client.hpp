#pragma once

#include "controller/api/scaling_policy.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/kube/discovery.hpp"
#include "controller/clients/metrics_api/answers.hpp"

#include <expected>
#include <string>

namespace chatflow::metrics_api {

/// Asks metrics.k8s.io, custom.metrics.k8s.io and external.metrics.k8s.io through the API server.
/// Every failure is a value, because the decision has to know it: SourceUnreachable where nobody
/// serves the API or answers, QueryFailed where it answers with an error, EmptyResult. Owned by one
/// event loop.
class Client {
 public:
    Client(kube::Client& kube, kube::Discovery& discovery) : kube_(kube), discovery_(discovery) {}

    [[nodiscard]] awaitable<std::expected<UsageByPod, api::MetricError>> usage(
        prom::Resource resource, std::string name_space, Deadline deadline);

    /// `pods` selects the pods, serialized.
    [[nodiscard]] awaitable<api::MetricReading> of_pods(api::MetricIdentifier metric,
                                                        std::string name_space, std::string pods,
                                                        Deadline deadline);
    [[nodiscard]] awaitable<api::MetricReading> of_object(api::ObjectMetric metric,
                                                          std::string name_space,
                                                          Deadline deadline);
    [[nodiscard]] awaitable<api::MetricReading> external(api::MetricIdentifier metric,
                                                         std::string name_space, Deadline deadline);

    static constexpr std::chrono::milliseconds kAnswerTimeMax{5000};

 private:
    using Answer = std::expected<nlohmann::json, api::MetricError>;
    [[nodiscard]] awaitable<Answer> ask(std::string target, Deadline deadline);

    kube::Client& kube_;
    kube::Discovery& discovery_;
};

}  // namespace chatflow::metrics_api
