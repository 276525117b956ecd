#pragma once

#include "controller/clients/prometheus/client.hpp"
#include "controller/reconcilers/scaling/circuit.hpp"
#include "libs/async/semaphore.hpp"

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>

namespace chatflow {

/// A Prometheus that many policies ask, so that its troubles stay theirs: while it does not answer
/// all but one fail at once, and those who wait for it are few. One executor only.
class GatedPrometheus {
 public:
    using Answer = std::expected<std::string, api::MetricError>;

    /// `client` outlives the gate.
    GatedPrometheus(asio::any_io_executor executor, prom::Client& client)
        : client_(client), places_(std::move(executor), kAtOnce) {}

    [[nodiscard]] awaitable<Answer> query(std::string expression, prom::QueryOptions options,
                                          Deadline deadline);
    [[nodiscard]] awaitable<Answer> query_range(std::string expression, prom::Range range,
                                                Deadline deadline);

    static constexpr std::size_t kAtOnce = 4;
    // Longer than a healthy server needs for those before; short for the worker that waits.
    static constexpr std::chrono::milliseconds kWaitMax{500};

 private:
    [[nodiscard]] awaitable<Answer> pass(awaitable<Answer> question, Deadline deadline);

    prom::Client& client_;
    Semaphore places_;
    Circuit circuit_;
};

}  // namespace chatflow
