#pragma once

#include "controller/api/kind.hpp"
#include "controller/api/object_meta.hpp"
#include "libs/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace chatflow::api {

struct LeaseSpec {
    std::string holder_identity;  // empty: released
    std::int32_t lease_duration_seconds = 0;
    std::optional<TimePoint> acquire_time;
    std::optional<TimePoint> renew_time;
    std::int32_t lease_transitions = 0;
    bool operator==(const LeaseSpec&) const = default;
};

/// coordination.k8s.io/v1 Lease: who leads.
struct Lease {
    ObjectMeta metadata;
    LeaseSpec spec;
    bool operator==(const Lease&) const = default;
};

template <>
struct KindTraits<Lease> {
    static constexpr std::string_view kGroup = "coordination.k8s.io";
    static constexpr std::string_view kVersion = "v1";
    static constexpr std::string_view kPlural = "leases";
    static constexpr std::string_view kKind = "Lease";
    static constexpr bool kNamespaced = true;
    static Lease decode(const nlohmann::json& object);
    static nlohmann::json encode(const Lease& lease);
};

}  // namespace chatflow::api
