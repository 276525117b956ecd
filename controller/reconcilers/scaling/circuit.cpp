#include "controller/reconcilers/scaling/circuit.hpp"

#include <utility>

namespace chatflow {

bool Circuit::admits(Moment now) {
    if (failures_ < kFailuresToOpen) return true;
    if (is_probing_ || now < next_probe_) return false;
    is_probing_ = true;
    return true;
}

void Circuit::answered() {
    failures_ = 0;
    is_probing_ = false;
}

void Circuit::failed(api::MetricError failure, Moment now) {
    ++failures_;
    is_probing_ = false;
    next_probe_ = now + kPause;
    last_failure_ = std::move(failure);
}

}  // namespace chatflow
