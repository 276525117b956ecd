#include "controller/domain/scaling/sample_index.hpp"

#include <algorithm>

namespace chatflow::scaling {

const api::PodSample* SampleIndex::find(const std::string& pod) {
    if (next_ < samples_.size() && samples_[next_].pod == pod) {
        return &samples_[next_++];
    }
    const api::PodSample* found = search(pod);
    if (found != nullptr) {
        next_ = static_cast<std::size_t>(found - samples_.data()) + 1;
    }
    return found;
}

const api::PodSample* SampleIndex::search(std::string_view pod) {
    if (order_ == Order::Unknown) {
        if (std::ranges::is_sorted(samples_, {}, &api::PodSample::pod)) {
            order_ = Order::Sorted;
        } else {
            order_ = Order::Indexed;
            by_name_.reserve(samples_.size());
            for (const api::PodSample& sample : samples_) {
                by_name_.push_back(&sample);
            }
            std::ranges::stable_sort(by_name_, {}, [](const auto* s) -> auto& { return s->pod; });
        }
    }
    const auto name_of = [](const api::PodSample& sample) -> std::string_view {
        return sample.pod;
    };
    if (order_ == Order::Sorted) {
        const auto at = std::ranges::lower_bound(samples_, pod, {}, name_of);
        return at != samples_.end() && at->pod == pod ? &*at : nullptr;
    }
    const auto at = std::ranges::lower_bound(by_name_, pod, {},
                                             [&](const auto* sample) { return name_of(*sample); });
    return at != by_name_.end() && (*at)->pod == pod ? *at : nullptr;
}

}  // namespace chatflow::scaling
