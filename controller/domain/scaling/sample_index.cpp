#include "controller/domain/scaling/sample_index.hpp"

#include <bit>
#include <functional>

namespace chatflow::scaling {

const api::PodSample* SampleIndex::find(std::string_view pod) {
    if (next_ < samples_.size() && samples_[next_].pod == pod) {
        return &samples_[next_++];
    }
    if (slots_.empty()) fill_slots();
    const std::uint32_t place = slots_[slot_of(pod)];
    if (place == 0) return nullptr;
    next_ = place;
    return &samples_[place - 1];
}

void SampleIndex::fill_slots() {
    slots_.assign(std::bit_ceil(2 * samples_.size() + 1), 0);
    for (std::size_t i = 0; i < samples_.size(); ++i) {
        std::uint32_t& slot = slots_[slot_of(samples_[i].pod)];
        if (slot == 0) slot = static_cast<std::uint32_t>(i + 1);
    }
}

std::size_t SampleIndex::slot_of(std::string_view pod) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = std::hash<std::string_view>{}(pod)&mask;
    while (slots_[slot] != 0 && samples_[slots_[slot] - 1].pod != pod) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

}  // namespace chatflow::scaling
