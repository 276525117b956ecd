#pragma once

#include "libs/base/log.hpp"
#include "libs/http/server.hpp"
#include "workloads/chat-server/metrics.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <tuple>

namespace chatflow::chat {

/// Counts and logs answered requests of one event loop. One executor only.
class RequestLog {
 public:
    /// `every`: one access log line per so many requests, none for 0.
    RequestLog(Metrics& metrics, Log log, std::uint32_t every);

    void observe(const http::Exchange& exchange);

 private:
    // Routes are compared by the place of their text: patterns of a router stay where they are.
    using CounterKey = std::tuple<http::Method, const char*, int>;
    using HistogramKey = std::tuple<http::Method, const char*>;

    prometheus::Counter& counter(const http::Request& request, int status);
    prometheus::Histogram& histogram(const http::Request& request);

    Metrics& metrics_;
    Log log_;
    std::uint32_t every_;
    std::uint32_t since_line_ = 0;
    std::map<CounterKey, std::reference_wrapper<prometheus::Counter>> counters_;
    std::map<HistogramKey, std::reference_wrapper<prometheus::Histogram>> histograms_;
};

}  // namespace chatflow::chat
