#pragma once

#include "controller/clients/metrics_api/client.hpp"
#include "libs/async/notification.hpp"

#include <chrono>
#include <expected>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace chatflow {

/// Usage as metrics.k8s.io serves it: one answer for a namespace serves all its policies while it
/// is fresh, failures included. One executor only.
class ApiUsage {
 public:
    using Snapshot = std::expected<metrics_api::UsageByPod, api::MetricError>;

    ApiUsage(asio::any_io_executor executor, metrics_api::Client& client,
             std::chrono::seconds freshness)
        : executor_(std::move(executor)), client_(client), freshness_(freshness) {}

    /// Never null. Waits for the question that is under way already, if one is.
    [[nodiscard]] awaitable<std::shared_ptr<const Snapshot>> read(prom::Resource resource,
                                                                  std::string name_space,
                                                                  Deadline deadline);

    static constexpr std::chrono::minutes kUnusedFor{5};  // until a namespace is forgotten

 private:
    using Key = std::pair<prom::Resource, std::string>;
    struct Entry {
        explicit Entry(asio::any_io_executor executor) : done(std::move(executor)) {}

        std::shared_ptr<const Snapshot> latest;
        std::chrono::steady_clock::time_point read_at{};
        bool is_reading = false;
        Notification done;
    };

    asio::any_io_executor executor_;
    metrics_api::Client& client_;
    std::chrono::seconds freshness_;
    std::map<Key, std::shared_ptr<Entry>> entries_;
};

}  // namespace chatflow
