#include "workloads/chat-server/http/request_log.hpp"

#include "workloads/chat-server/http/tracing.hpp"

#include <chrono>
#include <utility>

namespace chatflow::chat {

RequestLog::RequestLog(Metrics& metrics, Log log, std::uint32_t every)
    : metrics_(metrics), log_(std::move(log)), every_(every) {}

void RequestLog::observe(const http::Exchange& exchange) {
    counter(exchange.request, exchange.status).Increment();
    histogram(exchange.request).Observe(std::chrono::duration<double>(exchange.duration).count());
    if (every_ == 0 || ++since_line_ < every_) return;
    since_line_ = 0;
    log_.info("Request",
              {{"method", http::name_of(exchange.request.method)},
               {"path", exchange.request.path},
               {"route", exchange.request.route},
               {"status", exchange.status},
               {"remote", exchange.request.remote},
               {"trace_id", trace_id_of(exchange.request)},
               {"ms", std::chrono::duration<double, std::milli>(exchange.duration).count()}});
}

prometheus::Counter& RequestLog::counter(const http::Request& request, int status) {
    const CounterKey key{request.method, request.route.data(), status};
    const auto known = counters_.find(key);
    if (known != counters_.end()) return known->second;
    auto& made = metrics_.requests(http::name_of(request.method), request.route, status);
    counters_.emplace(key, made);
    return made;
}

prometheus::Histogram& RequestLog::histogram(const http::Request& request) {
    const HistogramKey key{request.method, request.route.data()};
    const auto known = histograms_.find(key);
    if (known != histograms_.end()) return known->second;
    auto& made = metrics_.request_seconds(http::name_of(request.method), request.route);
    histograms_.emplace(key, made);
    return made;
}

}  // namespace chatflow::chat
