#pragma once

#include "controller/api/core/pod.hpp"
#include "controller/clients/kube/client.hpp"
#include "controller/clients/kubelet/node_usage.hpp"
#include "libs/async/notification.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>

namespace chatflow {

/// Usage straight from the kubelets' /metrics/resource, through the API server's node proxy, for
/// policies that are evaluated more often than Prometheus scrapes. A node is asked only while a
/// policy asks for its pods, and once for all of them; the nodes of a policy side by side. One
/// executor only.
class DirectUsage {
 public:
    using Pods = std::span<const std::shared_ptr<const api::Pod>>;

    DirectUsage(asio::any_io_executor executor, kube::Client& kube)
        : executor_(std::move(executor)), kube_(kube) {}

    /// One sample for each of the pods that its node has measured, none for the others; an error
    /// when there is none and a node could not be asked. The last page of a node that does not
    /// answer goes on serving: how old a sample is, it says itself. A page that is younger than
    /// `freshness` is not asked for again. `pods` outlives the call.
    [[nodiscard]] awaitable<api::MetricReading> read(prom::Resource resource, Pods pods,
                                                     std::chrono::milliseconds freshness,
                                                     Deadline deadline);

    static constexpr std::chrono::milliseconds kAnswerTimeMax{1000};  // of one node
    static constexpr std::size_t kNodesAtOnce = 16;
    static constexpr std::chrono::seconds kFailedFor{5};  // at most, until it is asked again
    static constexpr std::chrono::minutes kUnusedFor{5};  // until a node is forgotten
    static constexpr std::size_t kSweepPeriod = 1000;     // reads

 private:
    using Moment = std::chrono::steady_clock::time_point;
    struct Node {
        explicit Node(asio::any_io_executor executor) : done(std::move(executor)) {}

        kubelet::NodeUsage usage;
        Moment read_at{};
        Moment used_at{};
        std::string failure;       // of the last attempt; empty when it went well
        std::size_t failures = 0;  // in a row
        bool is_reading = false;
        Notification done;
    };

    [[nodiscard]] awaitable<void> refresh(std::string name, std::shared_ptr<Node> node,
                                          std::chrono::milliseconds freshness, Deadline deadline);
    void forget_unused(Moment now);

    asio::any_io_executor executor_;
    kube::Client& kube_;
    std::map<std::string, std::shared_ptr<Node>> nodes_;
    std::size_t reads_ = 0;
};

}  // namespace chatflow
