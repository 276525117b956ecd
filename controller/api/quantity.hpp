#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace chatflow::api {

inline constexpr std::size_t kQuantityTextMax = 63;  // characters; no real amount needs more

/// An amount as Kubernetes writes it: "500m", "2", "1.5", "128Mi", "1e3". Exact to a thousandth;
/// what is finer is rounded up, as Kubernetes does when it reads milli-values.
class Quantity {
 public:
    constexpr Quantity() = default;
    [[nodiscard]] static constexpr Quantity from_milli(std::int64_t milli) {
        return Quantity{milli};
    }
    [[nodiscard]] static constexpr Quantity from_units(std::int64_t units) {
        return Quantity{units * 1000};
    }

    /// Nothing for text of another form, longer than kQuantityTextMax, or beyond ±9.2e15 units.
    [[nodiscard]] static std::optional<Quantity> parse(std::string_view text);

    [[nodiscard]] constexpr std::int64_t milli() const { return milli_; }
    /// Whole units, rounded up (away from zero), as Kubernetes' Value().
    [[nodiscard]] std::int64_t units() const;

    auto operator<=>(const Quantity&) const = default;

 private:
    explicit constexpr Quantity(std::int64_t milli) : milli_(milli) {}

    std::int64_t milli_ = 0;
};

/// "1500m" or "2": decimal, whole units where the amount is whole.
[[nodiscard]] std::string to_string(Quantity quantity);

}  // namespace chatflow::api
