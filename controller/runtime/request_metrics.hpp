#pragma once

#include "controller/clients/kube/request_observer.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace chatflow::runtime {

/// client-go's metrics of the requests to the API server: rest_client_requests_total{code,method}
/// and rest_client_request_duration_seconds{verb}.
class RequestMetrics final : public kube::RequestObserver {
 public:
    explicit RequestMetrics(prometheus::Registry& registry);

    void on_request(std::string_view method, std::string_view code,
                    std::chrono::duration<double> time) override;

 private:
    prometheus::Family<prometheus::Counter>& requests_;
    prometheus::Family<prometheus::Histogram>& duration_;
};

}  // namespace chatflow::runtime
