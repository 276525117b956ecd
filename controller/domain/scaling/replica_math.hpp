#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace chatflow::scaling {

// Numbers come from outside: a sum or a product that does not fit is capped, never wrapped.

/// Rounds up to a count of pods, capped to [0, 2^31 - 1]. NaN (0 of 0 pods) is 0.
[[nodiscard]] inline std::int32_t ceil_to_replicas(double amount) {
    constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
    const double rounded = std::ceil(amount);
    if (!(rounded > 0)) {
        return 0;
    }
    return rounded >= static_cast<double>(kMost) ? kMost : static_cast<std::int32_t>(rounded);
}

[[nodiscard]] constexpr std::int64_t capped_sum(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(a, b, &sum)) {
        return a < 0 ? std::numeric_limits<std::int64_t>::min()
                     : std::numeric_limits<std::int64_t>::max();
    }
    return sum;
}

[[nodiscard]] constexpr std::int64_t capped_product(std::int64_t a, std::int64_t b) {
    std::int64_t product = 0;
    if (__builtin_mul_overflow(a, b, &product)) {
        return (a < 0) == (b < 0) ? std::numeric_limits<std::int64_t>::max()
                                  : std::numeric_limits<std::int64_t>::min();
    }
    return product;
}

[[nodiscard]] constexpr std::int32_t capped_to_int32(std::int64_t number) {
    constexpr std::int64_t kLeast = std::numeric_limits<std::int32_t>::min();
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(number < kLeast ? kLeast : number > kMost ? kMost : number);
}

/// How a product with a fraction is rounded. HPA multiplies floating point numbers, which makes 111
/// of 100 × 1.1; ours is exact.
enum class Rounding { Exact, FloatingPoint };

/// pods × level / aim, rounded up. `aim` is above 0.
[[nodiscard]] inline std::int32_t scaled_up(std::int64_t pods, std::int64_t level, std::int64_t aim,
                                            Rounding rounding) {
    std::int64_t product = 0;
    if (rounding == Rounding::Exact && !__builtin_mul_overflow(pods, level, &product)) {
        return capped_to_int32(product <= 0 ? 0 : (product - 1) / aim + 1);
    }
    return ceil_to_replicas(static_cast<double>(level) / static_cast<double>(aim) *
                            static_cast<double>(pods));
}

/// Whole percent, cut off as HPA does: 70.9 % is 70. `whole` is not 0.
[[nodiscard]] constexpr std::int32_t percent_of(std::int64_t part, std::int64_t whole) {
    return capped_to_int32(capped_product(part, 100) / whole);
}

}  // namespace chatflow::scaling
