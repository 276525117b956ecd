#pragma once

#include "controller/api/scaling_decision.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace chatflow::scaling {

/// Finds a pod's sample, the first of them if there are several. Samples that come in the order of
/// the pods are found without a search; the first that does not costs a hash table of them all.
/// Refers to the samples given.
class SampleIndex {
 public:
    explicit SampleIndex(const std::vector<api::PodSample>& samples) : samples_(samples) {}

    [[nodiscard]] const api::PodSample* find(std::string_view pod);

 private:
    void fill_slots();
    /// The slot of the sample of that pod, or the free one where it would be.
    [[nodiscard]] std::size_t slot_of(std::string_view pod) const;

    const std::vector<api::PodSample>& samples_;
    std::size_t next_ = 0;  // where the next pod's sample is, when both lists have one order
    /// Open addressing: 1 + the place of a sample, 0 for a free slot. At most half are in use.
    std::vector<std::uint32_t> slots_;
};

}  // namespace chatflow::scaling
