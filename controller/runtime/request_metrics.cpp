#include "controller/runtime/request_metrics.hpp"

#include <string>

namespace chatflow::runtime {
namespace {

const prometheus::Histogram::BucketBoundaries kSeconds = {0.005, 0.025, 0.1, 0.25, 0.5, 1,
                                                          2,     4,     8,   15,   30,  60};

}  // namespace

RequestMetrics::RequestMetrics(prometheus::Registry& registry)
    : requests_(prometheus::BuildCounter()
                    .Name("rest_client_requests_total")
                    .Help("Requests to the API server, by status code and method.")
                    .Register(registry)),
      duration_(prometheus::BuildHistogram()
                    .Name("rest_client_request_duration_seconds")
                    .Help("Time until the API server had answered; of a watch, until its head.")
                    .Register(registry)) {}

void RequestMetrics::on_request(std::string_view method, std::string_view code,
                                std::chrono::duration<double> time) {
    requests_.Add({{"code", std::string(code)}, {"method", std::string(method)}}).Increment();
    duration_.Add({{"verb", std::string(method)}}, kSeconds).Observe(time.count());
}

}  // namespace chatflow::runtime
