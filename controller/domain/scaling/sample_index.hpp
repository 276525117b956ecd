#pragma once

#include "controller/api/scaling_decision.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::scaling {

/// Finds a pod's sample. Samples that come in the order of the pods are found without a search,
/// sorted ones by bisection in place; only others cost an index. Refers to the samples given.
class SampleIndex {
 public:
    explicit SampleIndex(const std::vector<api::PodSample>& samples) : samples_(samples) {}

    [[nodiscard]] const api::PodSample* find(const std::string& pod);

 private:
    enum class Order { Unknown, Sorted, Indexed };

    [[nodiscard]] const api::PodSample* search(std::string_view pod);

    const std::vector<api::PodSample>& samples_;
    std::size_t next_ = 0;  // where the next pod's sample is, when both lists have one order
    Order order_ = Order::Unknown;
    std::vector<const api::PodSample*> by_name_;
};

}  // namespace chatflow::scaling
