#include "controller/domain/scaling/thresholds.hpp"

namespace chatflow::scaling {
namespace {

std::int64_t milli_of(const std::optional<api::ScalingRules>& rules, api::Quantity otherwise) {
    return rules ? rules->tolerance.value_or(otherwise).milli() : otherwise.milli();
}

}  // namespace

bool ToleranceRange::contains(std::int64_t level, std::int64_t aim) const {
    if (aim <= 0) {
        return false;
    }
    std::int64_t scaled = 0;
    std::int64_t least = 0;
    std::int64_t most = 0;
    const bool fits = !__builtin_mul_overflow(level, 1000, &scaled) &&
                      !__builtin_mul_overflow(aim, least_milli, &least) &&
                      !__builtin_mul_overflow(aim, most_milli, &most);
    if (rounding == Rounding::Exact && fits) {
        return least <= scaled && scaled <= most;
    }
    const double ratio = static_cast<double>(level) / static_cast<double>(aim);
    return 1.0 - static_cast<double>(1000 - least_milli) / 1000.0 <= ratio &&
           ratio <= 1.0 + static_cast<double>(most_milli - 1000) / 1000.0;
}

ToleranceRange tolerance_of(const api::ScalingPolicySpec& spec) {
    static const std::optional<api::ScalingRules> kNone;
    const auto& up = spec.behavior ? spec.behavior->scale_up : kNone;
    const auto& down = spec.behavior ? spec.behavior->scale_down : kNone;
    return {.least_milli = 1000 - milli_of(down, spec.tolerance.scale_down),
            .most_milli = capped_sum(1000, milli_of(up, spec.tolerance.scale_up)),
            .rounding = rounding_of(spec)};
}

}  // namespace chatflow::scaling
